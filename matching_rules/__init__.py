"""The shipped matching rules."""
