"""The graph without those who are forgotten, in one transaction.

Invariant: journeys keep their touches, conversions and credits; of a household that nobody is left of, a nameless one
has them. What stays and is not as it was has no valid fingerprint, so that the next resolve writes it anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from stormops_graph.forgetting.people import People
from stormops_graph.forgetting.pseudonyms import Pseudonyms
from stormops_graph.graph.kinds import CONVERSION, HOUSEHOLD, PERSON, RECORD, TOUCH
from stormops_graph.ledger.decisions import Decision
from stormops_graph.ports import Graph, Step

_LABELS = (HOUSEHOLD, PERSON)


def erase_from_graph(
    graph: Graph, people: People, names: Pseudonyms, verdicts: Sequence[Decision], audit: Mapping[str, object]
) -> None:
    """Erase people from the graph; `verdicts` are those that read otherwise now, `audit` is what is kept of it."""
    touches = [{"key": touch, "new": names.of_touch(touch)} for touch in people.touches]
    conversions = [{"key": one, "new": names.of_touch(one)} for one in people.conversions]
    households = [{"key": one, "new": names.of_household(one)} for one in people.households]
    born = [{"key": record, "new": names.of_record(record)} for record in people.records]
    steps = [
        Step("write/forget_touches", touches),
        Step("write/node_removed", touches, _words(TOUCH)),  # those that were in no journey
        Step("write/forget_conversions", conversions),
        Step("write/node_removed", conversions, _words(CONVERSION)),
        Step("write/forget_households", households),
        *(Step("write/forget_forebears", _keys(gone), _words(kind)) for kind, gone in _gone(people)),
        *(Step("write/node_removed", _keys(gone), _words(kind)) for kind, gone in _gone(people)),
        Step("write/node_removed", born, _words(RECORD)),
        *(Step("write/forget_birth_keys", born, _words(kind)) for kind in _LABELS),
        *(Step("write/forget_retired", [{}], _words(kind)) for kind in _LABELS),
        Step("write/forget_identifiers", _keys(one.key for one in people.identifiers)),
        Step("write/forget_surnames", _keys(people.others)),
        Step("write/forget_verdicts", [{"key": said.id, "properties": _properties(said)} for said in verdicts]),
        Step("write/forget_reports", households),
        Step("write/forgotten", [audit]),
    ]
    graph.write_together([steps])


def audit_row(run: str, at: datetime, by: str, erasure: str, counts: Mapping[str, int]) -> dict[str, object]:
    """What the graph keeps of an erasure: when, by whom, and how much of each kind."""
    report = {"erasure": erasure, "by": by, "erased": dict(counts)}
    return {"run": run, "at": at, "report": json.dumps(report, ensure_ascii=False, sort_keys=True)}


def _gone(people: People) -> list[tuple[tuple[str, str], tuple[str, ...]]]:
    return [(HOUSEHOLD, people.households), (PERSON, people.persons)]


def _keys(keys: Iterable[str]) -> list[dict[str, str]]:
    return [{"key": key} for key in keys]


def _words(kind: tuple[str, str]) -> dict[str, str]:
    return {"label": kind[0], "key": kind[1]}


def _properties(said: Decision) -> dict[str, str | None]:
    return {
        "left_id": said.left,
        "right_id": said.right,
        "left_fingerprint": said.left_fingerprint,
        "right_fingerprint": said.right_fingerprint,
        "reason": said.reason,
    }
