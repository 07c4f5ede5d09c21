"""The cluster stage: pairs, verdicts and the last membership in; persons and households with lasting ids out.

Invariant: the membership is a function of the tables it reads; no order of rows, thread or clock shows in it.
"""

from __future__ import annotations

import gc
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from stormops_graph.cluster.attachment import attach
from stormops_graph.cluster.evidence import Evidence, Profile, Verdicts, read_evidence
from stormops_graph.cluster.forest import Forest
from stormops_graph.cluster.identity import Born, Naming, name_groups
from stormops_graph.cluster.persons import find_persons
from stormops_graph.cluster.residents import ALWAYS, Household, Stay, find_residents
from stormops_graph.ports import Task
from stormops_graph.rules import ClusterRules
from stormops_graph.tables import (
    BINDING,
    IDENTITY,
    LAST_MEMBERSHIP,
    LINEAGE,
    MEMBERSHIP,
    PERSON,
    RESIDENCE,
    USED_ID,
    Connection,
    Table,
)


@dataclass(frozen=True)
class ClusterReport:
    """How many there are, and the most records in one household."""

    households: int
    persons: int
    largest: int


def cluster(
    con: Connection, rules: ClusterRules, cookie_at_least: float, namespace: uuid.UUID, task: Task
) -> ClusterReport:
    """Read record, record_home, pair_kind, candidate, binding, last_membership and used_id; write membership,
    person, residence, lineage and identity.
    """
    for table in (BINDING, LAST_MEMBERSHIP, USED_ID):
        table.ensure(con)
    task.total(4)
    with _uncollected():
        evidence = read_evidence(con, rules.household_at_least, cookie_at_least)
        task.advance()
        households, probability = find_households(evidence, rules)
        task.advance()
        persons = persons_in(evidence, households, rules)
        task.advance()
        naming = {
            "household": _name(con, "household", evidence, [_lasting(h) for h in households], namespace),
            "person": _name(con, "person", evidence, persons, namespace),
        }
        _write(con, evidence, households, persons, probability, naming)
    task.advance()
    return ClusterReport(len(households), len(persons), max((len(h.members) for h in households), default=0))


@contextmanager
def _uncollected() -> Iterator[None]:
    """Look for no cycles: there are none among so many small tuples, and looking takes a quarter of the time."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


def find_households(evidence: Evidence, rules: ClusterRules) -> tuple[list[Household], dict[int, float]]:
    """All records in households, and how probable the place of those is that were attached to one."""
    forest = _forest(evidence, evidence.household)
    households = find_residents(evidence, forest, rules)
    return households, attach(evidence, forest, households, rules)


def persons_in(evidence: Evidence, households: Sequence[Household], rules: ClusterRules) -> list[list[int]]:
    """The record numbers of each person; what is one person by verdict is one household before."""
    household_of = _numbers(len(evidence.profiles), households)
    persons = find_persons(evidence, household_of, rules, _forest(evidence, evidence.person))
    # What is one household's after another's, such as a number that changed hands, is nobody's own.
    dated = {n for household in households for n in household.tenures}
    return [members for members in persons if not dated.issuperset(members)]


def _forest(evidence: Evidence, verdicts: Verdicts) -> Forest:
    """A forest with the verdicts in it, which do not contradict each other, and nothing else."""
    forest = Forest(len(evidence.profiles))
    for left, right in verdicts.same:
        forest.join(left, right)
    for left, right in verdicts.different:
        forest.part(left, right)
    return forest


def _numbers(size: int, households: Sequence[Household]) -> list[int]:
    """Household number of each record, and a number of its own for what is in a household for a time only."""
    numbers = list(range(-size, 0))
    for number, household in enumerate(households):
        for member in household.members:
            if member not in household.tenures:
                numbers[member] = number
    return numbers


def _lasting(household: Household) -> list[int]:
    """The members that give a household its id: those that are always its own, where there are any."""
    return [n for n in household.members if n not in household.tenures] or household.members


def _name(
    con: Connection, level: str, evidence: Evidence, groups: Sequence[Sequence[int]], namespace: uuid.UUID
) -> Naming:
    column = {"household": "household", "person": "person"}[level]
    # A record with two homes one after the other names the smaller, which may have no other record.
    last = con.execute(
        f"SELECT record, arg_min({column}, (members, {column})) FROM (SELECT *, count(*) OVER (PARTITION BY {column}) "  # noqa: S608
        f"AS members FROM last_membership) WHERE {column} IS NOT NULL GROUP BY record"
    ).fetchall()
    used = con.execute(
        "SELECT id, birth_key, generation FROM used_id WHERE level = $level ORDER BY id", {"level": level}
    ).fetchall()
    keys = [[evidence.profiles[n].record for n in group] for group in groups]
    return name_groups(level, keys, dict(last), list(map(Born._make, used)), namespace)


def _write(
    con: Connection,
    evidence: Evidence,
    households: Sequence[Household],
    persons: Sequence[Sequence[int]],
    probability: dict[int, float],
    naming: dict[str, Naming],
) -> None:
    person_of = {n: naming["person"].ids[i] for i, members in enumerate(persons) for n in members}
    listed = {row[0] for row in con.execute("SELECT property_id FROM property").fetchall()}
    memberships, residences = [], []
    for household, household_id in zip(households, naming["household"].ids, strict=True):
        for home, (start, end) in sorted(household.stays.items()):
            if home in listed:
                residences.append((household_id, home, _bound(start), _bound(end)))
        for n in household.members:
            profile = evidence.profiles[n]
            sure = round(profile.home_probability if profile.home else probability.get(n, 1.0), 6)
            for lived, (start, end) in _places(household, n, profile):
                place = lived if lived in listed else None
                row = (profile.record, person_of.get(n), household_id, place, sure, _bound(start), _bound(end))
                memberships.append(row)
    _fill(con, MEMBERSHIP, sorted(memberships, key=lambda row: (row[0], row[5] or datetime.min, row[2])))
    _fill(con, RESIDENCE, sorted(residences, key=lambda row: row[:2]))
    _fill(con, PERSON, sorted(_people(evidence, persons, naming["person"].ids)))
    _fill(con, LINEAGE, [(level, *row) for level in sorted(naming) for row in naming[level].lineage])
    _fill(
        con,
        IDENTITY,
        [(level, *born) for level in sorted(naming) for born in naming[level].born],
    )


def _places(household: Household, n: int, profile: Profile) -> list[tuple[str | None, Stay]]:
    """Where a member lives with the household, and when: its own home, or else those of the household in turn."""
    tenure = household.tenures.get(n, ALWAYS)
    if profile.home or len(household.stays) < 2:
        return [(profile.home or next(iter(household.stays), None), tenure)]
    stays = [(home, (max(stay[0], tenure[0]), min(stay[1], tenure[1]))) for home, stay in household.stays.items()]
    return [(home, stay) for home, stay in stays if stay[0] < stay[1]]


def _bound(at: datetime) -> datetime | None:
    return None if at in (datetime.min, datetime.max) else at


def _people(
    evidence: Evidence, persons: Sequence[Sequence[int]], ids: Sequence[str]
) -> list[tuple[str, str | None, str | None]]:
    """Each person's id with the given name and surname that its records say most often."""
    rows = []
    for members, person in zip(persons, ids, strict=True):
        given = [g for n in members if (g := evidence.profiles[n].given) and len(g) > 1]
        surname = [s for n in members if (s := evidence.profiles[n].surname)]
        rows.append((person, _most(given), _most(surname)))
    return rows


def _most(names: Sequence[str]) -> str | None:
    if len(names) < 2:
        return names[0] if names else None
    times = Counter(names)
    return min(times, key=lambda name: (-times[name], name))


def _fill(con: Connection, table: Table, rows: Sequence[tuple[object, ...]]) -> None:
    table.create(con)
    if not rows:
        return
    columns = {
        name: pa.array(values, pa.timestamp("us") if kind == "TIMESTAMP" else None)
        for (name, kind), values in zip(table.columns.items(), zip(*rows, strict=True), strict=True)
    }
    con.register("filled", pa.table(columns))
    con.execute(f"INSERT INTO {table.name} SELECT * FROM filled")  # noqa: S608  (a declared table)
    con.unregister("filled")
