"""What a steward is asked, and what a screen shows of it; never stored with a project."""

from __future__ import annotations

from stormops_graph.tables.table import Table

WORTH_ASKING = 0.2  # evidence between two households or persons that is less probable is no question for a steward

REVIEW_CASE = Table(
    "review_case",  # the queue: one question about two records a row
    {
        "place": "BIGINT",  # 1 is what matters most
        "case_id": "VARCHAR",
        "kind": "VARCHAR",  # bridge | gap | guard | person | changed | unsure | expired | pending
        "left_id": "VARCHAR",
        "right_id": "VARCHAR",
        "household": "VARCHAR",  # of the left record
        "other": "VARCHAR",  # of the right one
        "household_probability": "DOUBLE",  # NULL where the two are no pair
        "person_probability": "DOUBLE",
        "doubt": "DOUBLE",  # how probable it is that they are placed wrongly
        "stake": "DOUBLE",  # how much hangs on it: records, conversions and the home's value
        "records": "BIGINT",
        "conversions": "BIGINT",
        "value": "DOUBLE",
    },
)
REVIEW_VERDICT = Table(
    "review_verdict",  # verdicts on pairs, and those that want another look with the kind of case that they are
    {"left_id": "VARCHAR", "right_id": "VARCHAR", "kind": "VARCHAR"},
)
REVIEW_RECORD = Table(
    "review_record",  # the records of all households in the queue
    {
        "household": "VARCHAR",
        "record": "VARCHAR",
        "person": "VARCHAR",
        "feed": "VARCHAR",
        "given": "VARCHAR",
        "given_root": "VARCHAR",  # what the name is short for
        "surname": "VARCHAR",
        "phones": "VARCHAR[]",
        "emails": "VARCHAR[]",
        "address_key": "VARCHAR",
        "cookie": "VARCHAR",
        "first_seen": "TIMESTAMP",
        "last_seen": "TIMESTAMP",
        "touches": "BIGINT",
        "conversions": "BIGINT",
        "shown": "VARCHAR",  # all that one may look for, in small letters
    },
)
REVIEW_PAIR = Table(
    "review_pair",  # the pairs among them, each with its strongest evidence
    {
        "left_id": "VARCHAR",
        "right_id": "VARCHAR",
        "household_probability": "DOUBLE",
        "person_probability": "DOUBLE",
        "evidence": "VARCHAR",
        "model": "VARCHAR",
        "spans": "BOOLEAN",  # it holds the household together
    },
)
