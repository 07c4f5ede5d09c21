"""The pipeline: the one place where stages meet each other and the stores.

What a command does not need is not read: linking takes longer to be read than a steward should wait.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stormops_graph.pipeline.amending import Amendment, amend, preview
    from stormops_graph.pipeline.crediting import AreasAsked, attribute, attribute_apart
    from stormops_graph.pipeline.exporting import export, export_paid
    from stormops_graph.pipeline.resolution import apply_plan, plan_resolve, resolve
    from stormops_graph.pipeline.training import train_from_verdicts, train_rules

__all__ = [
    "Amendment",
    "AreasAsked",
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
_HOMES = {
    "amending": ("Amendment", "amend", "preview"),
    "crediting": ("AreasAsked", "attribute", "attribute_apart"),
    "exporting": ("export", "export_paid"),
    "resolution": ("apply_plan", "plan_resolve", "resolve"),
    "training": ("train_from_verdicts", "train_rules"),
}


def __getattr__(name: str) -> Any:
    """What another module has, read when it is asked for."""
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__} has no attribute {name}")
