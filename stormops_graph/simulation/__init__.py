"""A storm world in the feeds' format, its truth apart."""
