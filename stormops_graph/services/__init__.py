"""The local servers: a Neo4j and a Postgres of the user's own."""
