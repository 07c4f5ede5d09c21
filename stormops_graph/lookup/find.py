"""Which home is meant by a cookie, a number, an email or an address, and why.

Invariant: identifiers that are somebody's own must agree on a home; one that many people share never decides
alone. What holds is what held at the time asked for (UTC), now where none is: an identifier leads to whoever had it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from stormops_graph.errors import NotFound
from stormops_graph.lookup.listed import living_at
from stormops_graph.lookup.parts import agreeing, parts_of
from stormops_graph.ports import Graph, Row
from stormops_graph.turns import in_turn


@dataclass(frozen=True)
class Identifier:
    """A normalised identifier: `phone`, `email`, `address` or `cookie`, and its value."""

    kind: str
    value: str

    @property
    def key(self) -> str:
        """Its key in the graph."""
        return f"{self.kind}:{self.value}"


@dataclass(frozen=True)
class Hit:
    """A household that an identifier leads to, and how sure that is."""

    identifier: Identifier
    household_id: str
    confidence: float
    shared: bool
    listed: bool = False  # no record shows it: they live where it is listed


@dataclass(frozen=True)
class Resolved:
    """The household that is meant, and the probability that whoever showed the identifiers is of it."""

    household_id: str
    confidence: float


@dataclass(frozen=True)
class Held:
    """An identifier of a household, and the feeds that showed it."""

    kind: str
    value: str
    shared: bool
    feeds: tuple[str, ...]


@dataclass(frozen=True)
class Member:
    """A person of a household."""

    person_id: str
    name: str
    confidence: float
    records: int


@dataclass(frozen=True)
class Evidence:
    """Why two records belong together."""

    left: str
    right: str
    probability: float
    weight: float
    kinds: tuple[str, ...]  # that agree


@dataclass(frozen=True)
class Likely:
    """A home that a cookie may be of, where none stands out."""

    property_id: str
    address: str | None
    probability: float


@dataclass(frozen=True)
class Home:
    """A household with what keeps it together."""

    household_id: str
    property_id: str | None
    address: str | None
    zip_code: str | None
    confidence: float
    asked: tuple[Identifier, ...] = ()  # the identifiers asked for that lead here
    by_shared: bool = False  # only what strangers share leads here
    by_listing: bool = False  # no record shows what was asked: they live at the home that is listed so
    members: tuple[Member, ...] = ()
    identifiers: tuple[Held, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    followed_from: str | None = None  # the old id that was asked for
    first_seen: datetime | None = None  # when a trace of its records was first seen
    lives_from: datetime | None = None  # at the address; None: since ever
    lives_to: datetime | None = None  # exclusive; None: until further notice
    records: int = 1
    likely: tuple[Likely, ...] = ()  # where no home stands out: the best by its cookies' visits, the surest first


def find_hits(graph: Graph, identifiers: Sequence[Identifier], at: datetime | None = None) -> list[Hit]:
    """Every household that the identifiers led to at a time.

    An address leads to those whose records show it; where there are none then, to those who lived where it is listed.
    """
    by_key = {identifier.key: identifier for identifier in identifiers}
    for identifier in identifiers:
        if identifier.kind == "address" and ", " not in identifier.value:  # asked without its ZIP code
            start = f"{identifier.key}, "
            by_key |= {row["key"]: identifier for row in graph.read("read/addresses_starting", start=start)}
    at = at or _now()
    rows = _held_then(list(graph.read("read/homes_of_identifiers", asked={"keys": sorted(by_key)}, at=at)), at)
    hits = [Hit(by_key[row["key"]], row["household_id"], row["confidence"], bool(row["is_shared"])) for row in rows]
    met = {hit.identifier for hit in hits}
    for identifier in identifiers:
        if identifier.kind == "address" and identifier not in met:
            hits += [
                Hit(identifier, home, sure, shared=False, listed=True)
                for home, sure in living_at(graph, identifier.value, at)
            ]
    return hits


def _held_then(rows: list[Row], at: datetime) -> list[Row]:
    """Without the households that did not have a number or an email then, each key by itself."""
    by_key: dict[str, list[Row]] = {}
    for row in rows:
        by_key.setdefault(row["key"], []).append(row)
    return [row for key, held in by_key.items() for row in (held if _may_be_many(key, held) else _holders(held, at))]


def _may_be_many(key: str, held: list[Row]) -> bool:
    return not key.startswith(("phone:", "email:")) or any(row["is_shared"] for row in held)


def _holders(held: list[Row], at: datetime) -> list[Row]:
    """Whose a number or an email was: it may have changed hands between homes, as `turns` says.

    Who has no home takes nothing over from who has one: a cookie that many emails were typed into is nobody's.
    """
    homes = [row for row in held if row["has_home"]] or held
    spans = {row["household_id"]: (row["first_seen"], row["last_seen"]) for row in homes}
    turns = in_turn(spans) if all(None not in span for span in spans.values()) else {}
    then = {household for household, (start, end) in turns.items() if start <= at < end}
    return [row for row in homes if not then or row["household_id"] in then]


def find_homes(graph: Graph, identifiers: Sequence[Identifier], at: datetime | None = None) -> list[Home]:
    """The homes that the identifiers leave, the surest first; raises NotFound where none is known."""
    hits = find_hits(graph, identifiers, at)
    left = narrowed(led := by_home(hits))
    if not left:
        raise NotFound("no household is known by that", "it may be in no feed yet, or at nobody's home")
    return [
        replace(
            household(graph, home, at),
            confidence=sure,
            asked=tuple(hit.identifier for hit in led[home]),
            by_shared=all(hit.shared for hit in led[home]),
            by_listing=all(hit.listed for hit in led[home]),
        )
        for home, sure in left.items()
    ]


def household(graph: Graph, household_id: str, at: datetime | None = None) -> Home:
    """The household of an id as it was at a time, or the one it was merged into; raises NotFound."""
    row = next(iter(graph.read("read/home", household_id=household_id, at=at or _now())), None)
    if row is None:
        raise no_household(graph, household_id)
    return Home(
        household_id=row["household_id"],
        property_id=row["property_id"],
        address=row["address"],
        zip_code=row["zip_code"],
        confidence=row["confidence"] or 0.0,
        members=tuple(Member(**{**member, "name": member["name"] or ""}) for member in row["members"]),
        identifiers=tuple(_held(held) for held in row["identifiers"]),
        evidence=tuple(_evidence(pair) for pair in row["evidence"]),
        followed_from=household_id if household_id != row["household_id"] else None,
        first_seen=row["first_seen"],
        lives_from=row["lives_from"],
        lives_to=row["lives_to"],
        records=row["records"],
        likely=tuple(Likely(**one) for one in row["likely"]),
    )


def no_household(graph: Graph, household_id: str) -> NotFound:
    """What an id is told that leads to no household: it ended, in several or in none, or there never was one."""
    if heirs := [row["household_id"] for row in graph.read("read/household_heirs", household_id=household_id)]:
        return NotFound(
            f"household {household_id} has ended; its records went to {' and '.join(heirs)}",
            f"name the one you mean; how it came about: stormops-graph history {household_id}",
        )
    if any(graph.read("read/household_history", household_id=household_id)):
        return NotFound(
            f"household {household_id} has ended, and none of its records is in a feed now",
            f"it lives again when they are; how it came about: stormops-graph history {household_id}",
        )
    return NotFound(f"there is no household {household_id}", "find it: stormops-graph find --address LINE")


def _held(row: Row) -> Held:
    kind, _, value = row["key"].partition(":")
    return Held(kind, value, bool(row["is_shared"]), tuple(sorted(row["feeds"])))


def _evidence(row: Row) -> Evidence:
    kinds = agreeing(parts_of(row["evidence"]))
    return Evidence(row["left"], row["right"], row["probability"], row["weight"], kinds)


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def by_home(hits: Iterable[Hit]) -> dict[str, list[Hit]]:
    """Household → the hits that lead there."""
    led: dict[str, list[Hit]] = {}
    for hit in hits:
        led.setdefault(hit.household_id, []).append(hit)
    return led


def narrowed(led: Mapping[str, Sequence[Hit]]) -> dict[str, float]:
    """The households that the hits of `by_home` leave, the surest first; several where they do not agree on one.

    All identifiers that are somebody's own must agree; shared ones only decide between what is left then. With each
    how sure it is that this one is meant: as it can only be one, the sum is 1 at most.
    """
    listed = [hit for hits in led.values() for hit in hits]
    own = _agreed(hit for hit in listed if not hit.shared)
    shared = _agreed(hit for hit in listed if hit.shared)
    left = own.homes if own.disagree else (own.homes & shared.homes) or own.homes or shared.homes
    found = {home: max(hit.confidence for hit in hits) for home, hits in led.items() if home in left}
    share = max(1.0, math.fsum(found.values()))
    return {home: sure / share for home, sure in sorted(found.items(), key=lambda home: (-home[1], home[0]))}


@dataclass(frozen=True)
class _Agreement:
    homes: frozenset[str]  # what all identifiers have in common, else everything they lead to
    disagree: bool


def _agreed(hits: Iterable[Hit]) -> _Agreement:
    homes: dict[Identifier, set[str]] = {}
    for hit in hits:
        homes.setdefault(hit.identifier, set()).add(hit.household_id)
    common = frozenset(set.intersection(*homes.values())) if homes else frozenset[str]()
    every = frozenset(home for found in homes.values() for home in found)
    return _Agreement(common or every, disagree=bool(every) and not common)
