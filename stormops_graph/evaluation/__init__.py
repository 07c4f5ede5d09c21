"""How right the households are: held against labels, against verdicts, or estimated from reviewed households.

Invariant: an evaluation changes nothing; what it computes lives in temporary tables.
"""

from __future__ import annotations

from stormops_graph.evaluation.evaluating import evaluate

__all__ = ["evaluate"]
