"""The ledger of the stewards' verdicts: what they decided, what it binds, and the file that keeps it."""
