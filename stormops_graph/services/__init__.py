"""The servers of a project: a Neo4j and a Postgres of the user's own on loopback, or managed ones."""
