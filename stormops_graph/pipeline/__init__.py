"""The pipeline: the one place where stages meet each other and the stores."""

from stormops_graph.pipeline.crediting import Asked, attribute, attribute_apart
from stormops_graph.pipeline.exporting import export, export_paid
from stormops_graph.pipeline.resolution import resolve
from stormops_graph.pipeline.training import train_rules

__all__ = ["Asked", "attribute", "attribute_apart", "export", "export_paid", "resolve", "train_rules"]
