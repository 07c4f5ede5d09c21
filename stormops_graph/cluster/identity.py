"""Ids that last: a group keeps the id that most of its old members had.

An old id stays with the group that holds more than half of the old members still there (of several such ids the one
with the largest share of the group, then the smallest). What got no id is born with a UUIDv5 of its smallest record
key and a generation, so that no id is ever used twice. Old ids that ended point to where their members went.
"""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Born(NamedTuple):
    """An id with the record it was born of and how often that record had given birth before."""

    id: str
    birth_key: str
    generation: int


@dataclass(frozen=True)
class Naming:
    """ids: one a group, in the order of the groups; lineage: (old id, new id, merged | split)."""

    ids: list[str]
    born: list[Born]
    lineage: list[tuple[str, str, str]]


def name_groups(
    level: str,
    groups: Sequence[Sequence[str]],
    last: Mapping[str, str],
    used: Sequence[Born],
    namespace: uuid.UUID,
) -> Naming:
    """Ids for groups of record keys; `last` is record → its id at the last run, `used` every id ever given."""
    here = {record for group in groups for record in group}
    size = Counter(old for record, old in last.items() if record in here)
    overlap = [_overlap(group, last) for group in groups]
    ids: list[str | None] = [_kept(found, size) for found in overlap]
    generation = Counter(born.birth_key for born in used)
    known = {born.id: born for born in used}
    named: list[str] = []
    born: list[Born] = []
    for group, kept in zip(groups, ids, strict=True):
        birth = known[kept] if kept in known else _birth(level, min(group), generation, namespace, kept)
        named.append(birth.id)
        born.append(birth)
    return Naming(named, born, _lineage(overlap, named))


def _overlap(group: Sequence[str], last: Mapping[str, str]) -> dict[str, int]:
    """Old id → how many of the group had it; a Counter, made for each of so many small groups, takes twice as long."""
    found: dict[str, int] = {}
    for record in group:
        if (old := last.get(record)) is not None:
            found[old] = found.get(old, 0) + 1
    return found


def _kept(found: Mapping[str, int], size: Counter[str]) -> str | None:
    """The old id that this group goes on with, if it has more than half of any."""
    most = [(count, old) for old, count in found.items() if 2 * count > size[old]]
    return min(most, key=lambda pair: (-pair[0], pair[1]))[1] if most else None


def _birth(level: str, key: str, generation: Counter[str], namespace: uuid.UUID, kept: str | None) -> Born:
    number = generation[key]
    generation[key] += 1
    return Born(kept or str(uuid.uuid5(namespace, f"{level}:{key}:{number}")), key, number)


def _lineage(overlap: Sequence[Mapping[str, int]], named: Sequence[str]) -> list[tuple[str, str, str]]:
    alive = set(named)
    went: dict[str, set[str]] = defaultdict(set)
    for found, new in zip(overlap, named, strict=True):
        for old in found:
            went[old].add(new)
    rows: list[tuple[str, str, str]] = []
    for old, news in went.items():
        others = news - {old}
        kind = "merged" if old not in alive and len(others) == 1 else "split"
        rows.extend((old, new, kind) for new in others)
    return sorted(rows)
