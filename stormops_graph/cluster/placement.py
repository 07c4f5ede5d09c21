"""Households and persons of one batch of records as columns: who is where, with whom, from when to when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from stormops_graph.cluster.evidence import Evidence, Profile
from stormops_graph.cluster.residents import ALWAYS, Household, Stay


@dataclass(frozen=True)
class Placement:
    """members: number, household, person, home, confidence, lasting, valid_from, valid_to; stays: number (of any
    member), household, home, valid_from, valid_to.
    """

    members: pa.Table
    stays: pa.Table


def place(
    evidence: Evidence,
    households: Sequence[Household],
    persons: Sequence[Sequence[int]],
    probability: Mapping[int, float],
) -> Placement:
    """`probability` is how sure those are that were attached to their household."""
    person_of = {n: number for number, members in enumerate(persons) for n in members}
    members: list[tuple[object, ...]] = []
    stays: list[tuple[object, ...]] = []
    for number, household in enumerate(households):
        for home, stay in household.stays.items():
            stays.append((household.members[0], number, home, *_bounds(stay)))
        always = len(household.members) > len(household.tenures)
        for n in household.members:
            profile = evidence.profiles[n]
            sure = round(profile.home_probability if profile.home else probability.get(n, 1.0), 6)
            lasting = not always or n not in household.tenures
            for lived, stay in _places(household, n, profile):
                members.append((n, number, person_of.get(n), lived, sure, lasting, *_bounds(stay)))
    return Placement(_columns(_MEMBERS, members), _columns(_STAYS, stays))


_TIMES = {"valid_from": pa.timestamp("us"), "valid_to": pa.timestamp("us")}
_MEMBERS = pa.schema(
    {
        "number": pa.int64(),
        "household": pa.int64(),
        "person": pa.int64(),
        "home": pa.string(),
        "confidence": pa.float64(),
        "lasting": pa.bool_(),
        **_TIMES,
    }
)
_STAYS = pa.schema({"number": pa.int64(), "household": pa.int64(), "home": pa.string(), **_TIMES})


def _places(household: Household, n: int, profile: Profile) -> list[tuple[str | None, Stay]]:
    """Where a member lives with the household, and when: its own home, or else those of the household in turn."""
    tenure = household.tenures.get(n, ALWAYS)
    if profile.home or len(household.stays) < 2:
        return [(profile.home or next(iter(household.stays), None), tenure)]
    stays = [(home, (max(stay[0], tenure[0]), min(stay[1], tenure[1]))) for home, stay in household.stays.items()]
    return [(home, stay) for home, stay in stays if stay[0] < stay[1]]


def _bounds(stay: Stay) -> tuple[datetime | None, datetime | None]:
    if stay is ALWAYS:
        return None, None
    start, end = stay
    return (None if start == datetime.min else start), (None if end == datetime.max else end)


def _columns(schema: pa.Schema, rows: Sequence[tuple[object, ...]]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    return pa.table([pa.array(values, kind) for values, kind in zip(columns, schema.types, strict=True)], schema=schema)
