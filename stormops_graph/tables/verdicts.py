"""What stewards decided."""

from __future__ import annotations

from stormops_graph.tables.table import Table

DECISION = Table(
    "decision",
    {
        "id": "VARCHAR",
        "left_id": "VARCHAR",
        "right_id": "VARCHAR",
        "verdict": "VARCHAR",  # same | different | unsure | withdrawn
        "by": "VARCHAR",
        "at": "TIMESTAMP",
        "reason": "VARCHAR",
        "supersedes": "VARCHAR",
        "level": "VARCHAR",  # person | household: what the verdict is about
        "left_fingerprint": "VARCHAR",  # of the record's values when the verdict was given
        "right_fingerprint": "VARCHAR",
        "score": "DOUBLE",  # how probable `same` was then; NULL where the records were no pair
        "model": "VARCHAR",
        "until": "TIMESTAMP",  # from then on it is history; NULL: for good
        "needs_second": "BOOLEAN",  # it binds when another steward has said the same
        "confirms": "VARCHAR",  # the decision that it is the second to
        "restored_by": "VARCHAR",  # who said it again by an undo; `by` is whose word it is
    },
)
BINDING = Table(
    "binding",  # what the verdicts in force ask of clustering, over records that are there; left_id < right_id
    {"level": "VARCHAR", "left_id": "VARCHAR", "right_id": "VARCHAR", "verdict": "VARCHAR"},  # same | different
)
REACHED = Table("reached", {"record": "VARCHAR"})  # whom changed verdicts concern, see cluster/reach.py

RULING = Table(
    "ruling",  # what stewards say of an identifier, whatever the limits say; the one in force
    {
        "kind": "VARCHAR",  # phone | email
        "value": "VARCHAR",
        "ruling": "VARCHAR",  # released: it links again | blocked: it links nobody
        "by": "VARCHAR",
        "at": "TIMESTAMP",
        "reason": "VARCHAR",
    },
)
