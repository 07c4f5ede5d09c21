"""Credits and commissions where they are read, and what was published when."""
