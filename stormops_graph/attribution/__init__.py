"""Journeys to credits with intervals."""

from stormops_graph.attribution.path_strings import paths

__all__ = ["paths"]
