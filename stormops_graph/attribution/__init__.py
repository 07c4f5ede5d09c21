"""Journeys to credits with intervals."""

from stormops_graph.attribution.credits import attribute
from stormops_graph.attribution.credits_json import credits_json
from stormops_graph.attribution.journey_file import read_journey_file
from stormops_graph.attribution.journey_rows import JourneyFile
from stormops_graph.attribution.path_strings import paths
from stormops_graph.attribution.points import point_credits

__all__ = ["JourneyFile", "attribute", "credits_json", "paths", "point_credits", "read_journey_file"]
