"""Cypher statements, one a file, with a header."""
