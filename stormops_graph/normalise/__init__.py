"""Source tables to records, identifiers and touches."""
