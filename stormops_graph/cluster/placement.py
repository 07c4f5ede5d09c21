"""Households and persons of one batch of records as columns: who is where, with whom, from when to when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import pyarrow as pa

from stormops_graph.cluster.evidence import Evidence
from stormops_graph.cluster.residents import ALWAYS, Household, Stay
from stormops_graph.turns import in_turn

_TIMES = {"valid_from": pa.timestamp("us"), "valid_to": pa.timestamp("us")}
_MEMBERS = pa.schema(
    {
        "number": pa.int64(),
        "household": pa.int64(),
        "person": pa.int64(),
        "home": pa.string(),  # the household's, if known; a record with a home of its own lives there
        "attached": pa.float64(),  # how probable it is that an attached record belongs there
        "lasting": pa.bool_(),  # one of those that are always the household's own, where there are any
        **_TIMES,
    }
)
_STAYS = pa.schema({"number": pa.int64(), "household": pa.int64(), "home": pa.string(), **_TIMES})
Bounds = tuple[datetime | None, datetime | None]


@dataclass(frozen=True)
class Placement:
    """Tables: each record where it lives with its household, and the household's homes by one of its records."""

    members: pa.Table
    stays: pa.Table


def place(
    evidence: Evidence,
    households: Sequence[Household],
    persons: Sequence[Sequence[int]],
    attached: Mapping[int, float],
) -> Placement:
    """Households and persons as rows, numbered in their order."""
    person_of = {n: number for number, members in enumerate(persons) for n in members}
    members: list[tuple[int, int, str | None, bool, datetime | None, datetime | None]] = []
    stays: list[tuple[int, int, str, datetime | None, datetime | None]] = []
    for number, household in enumerate(households):
        for home, stay in household.stays.items():
            stays.append((household.members[0], number, home, *_bounds(stay)))
        if not household.tenures and len(household.stays) < 2:
            home_then = next(iter(household.stays), None)
            members += [(n, number, home_then, True, None, None) for n in household.members]
            continue
        always = len(household.members) > len(household.tenures)
        for n in household.members:
            dated = n in household.tenures
            for home_then, (start, end) in _places(evidence, household, n):
                members.append((n, number, home_then, not (dated and always), start, end))
    numbers, owners, homes, lasting, starts, ends = zip(*members, strict=True) if members else [()] * 6
    columns = [numbers, owners, map(person_of.get, numbers), homes, map(attached.get, numbers), lasting, starts, ends]
    return Placement(_table(_MEMBERS, columns), _table(_STAYS, list(zip(*stays, strict=True)) or [()] * 5))


def _places(evidence: Evidence, household: Household, n: int) -> list[tuple[str | None, Bounds]]:
    """Where a member lives with the household, and when: a record without a home of its own in each of its homes, and
    after a while nobody knows in which between the last sight of the one and the first of the next.
    """
    tenure = household.tenures.get(n, ALWAYS)
    if len(household.stays) < 2 or evidence.profiles[n].home is not None:
        return [(next(iter(household.stays), None), _bounds(tenure))]
    stays = sorted((_turns(evidence, household) or household.stays).items(), key=lambda lived: lived[1])
    lived: list[tuple[str | None, Stay]] = [*stays]
    lived += [(None, (one[1], other[0])) for (_, one), (_, other) in pairwise(stays)]
    spans = [(home, (max(stay[0], tenure[0]), min(stay[1], tenure[1]))) for home, stay in lived]
    return [(home, _bounds(stay)) for home, stay in spans if stay[0] < stay[1]]


def _turns(evidence: Evidence, household: Household) -> dict[str, Stay]:
    """When a household that moved lived where: from its first sight there, and a quarter of the time to the next home's
    first beyond its people's last; empty where they were seen at two at one time.
    """
    seen: dict[str, list[datetime]] = {home: [] for home in household.stays}
    named: dict[str, list[datetime]] = {home: [] for home in household.stays}
    for profile in (evidence.profiles[n] for n in household.members):
        if profile.home in seen:
            times = [profile.first_seen or datetime.min, profile.last_seen or datetime.max]
            seen[profile.home] += times
            named[profile.home] += times if profile.given or profile.surname else ()
    spans = {home: named[home] or times for home, times in seen.items()}
    turns = in_turn({home: (min(times), max(times)) for home, times in spans.items() if times})
    return {home: (household.stays[home][0], end) for home, (_, end) in turns.items()}


def _bounds(stay: Stay) -> Bounds:
    if stay is ALWAYS:
        return None, None
    start, end = stay
    return (None if start == datetime.min else start), (None if end == datetime.max else end)


def _table(schema: pa.Schema, columns: Sequence[object]) -> pa.Table:
    return pa.table([pa.array(c, kind) for c, kind in zip(columns, schema.types, strict=True)], schema=schema)
