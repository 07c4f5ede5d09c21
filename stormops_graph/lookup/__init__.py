"""Answers about a household: who it is, why, and what became of it."""
