"""The file of the ledger: one decision a line, see `journal`."""

from __future__ import annotations

from stormops_graph.ledger.decisions import Decision
from stormops_graph.ledger.journal import Journal

_JOURNAL = Journal(Decision, "`decisions export`")

read_decisions_file = _JOURNAL.read
kept_decisions = _JOURNAL.kept
append_decisions = _JOURNAL.append
replace_decisions = _JOURNAL.replace
