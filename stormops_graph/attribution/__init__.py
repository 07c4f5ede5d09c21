"""Journeys to credits with intervals."""
