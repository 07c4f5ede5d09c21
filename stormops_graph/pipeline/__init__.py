"""The pipeline: the one place where stages meet each other and the stores."""

from stormops_graph.pipeline.amending import Amendment, amend, preview
from stormops_graph.pipeline.crediting import Asked, attribute, attribute_apart
from stormops_graph.pipeline.exporting import export, export_paid
from stormops_graph.pipeline.resolution import apply_plan, plan_resolve, resolve
from stormops_graph.pipeline.training import train_from_verdicts, train_rules

__all__ = [
    "Amendment",
    "Asked",
    "amend",
    "apply_plan",
    "attribute",
    "attribute_apart",
    "export",
    "export_paid",
    "plan_resolve",
    "preview",
    "resolve",
    "train_from_verdicts",
    "train_rules",
]
