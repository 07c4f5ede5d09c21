"""Forgetting people: everything that is known of them goes, and the next run does not bring them back."""
