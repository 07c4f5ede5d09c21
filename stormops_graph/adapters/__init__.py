"""The stores: Neo4j, Postgres, DuckDB."""
