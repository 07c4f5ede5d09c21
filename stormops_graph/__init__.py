"""Households, journeys and credits from the traces of a storm.

The engines are imported when they are first asked for, so that `import stormops_graph` is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stormops_graph.engines import AttributionEngine, IdentityGraph, PersonaEngine

__all__ = ["AttributionEngine", "IdentityGraph", "PersonaEngine"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        return getattr(import_module("stormops_graph.engines"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
