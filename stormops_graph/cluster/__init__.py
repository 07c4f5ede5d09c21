"""Pairs and verdicts to persons and households whose ids last."""
