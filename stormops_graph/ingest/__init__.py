"""Feeds to typed source tables and a quarantine."""
