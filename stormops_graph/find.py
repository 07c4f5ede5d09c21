"""Which home is meant by a cookie, a number, an email or an address, and why.

Invariant: what is asked is normalised by the code that normalised the feeds, so that equal things are found equal;
an identifier that many people share never decides alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Asked:
    """The identifiers that a caller knows, as typed."""

    cookie: str | None = None
    phone: str | None = None
    email: str | None = None
    address: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was asked."""
        return not (self.cookie or self.phone or self.email or self.address)


@dataclass(frozen=True)
class Identifier:
    """A normalised identifier: `phone`, `email`, `address` or `cookie`, and its value."""

    kind: str
    value: str


@dataclass(frozen=True)
class Hit:
    """A household that an identifier leads to, and how sure that is."""

    identifier: Identifier
    household_id: str
    confidence: float
    shared: bool


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
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class Home:
    """A household with what keeps it together."""

    household_id: str
    property_id: str | None
    address: str | None
    zip_code: str | None
    confidence: float
    asked: tuple[Identifier, ...] = ()  # the identifiers asked for that lead here
    members: tuple[Member, ...] = ()
    identifiers: tuple[Held, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    followed_from: str | None = None  # the old id that was asked for


def narrowed(hits: Iterable[Hit]) -> list[str]:
    """The households that the hits leave, the surest first; several where they do not agree on one.

    All identifiers that are somebody's own must agree; shared ones only decide between what is left then.
    """
    listed = list(hits)
    own = _agreed(hit for hit in listed if not hit.shared)
    shared = _agreed(hit for hit in listed if hit.shared)
    left = own.homes if own.disagree else (own.homes & shared.homes) or own.homes or shared.homes
    sure = {home: max(hit.confidence for hit in listed if hit.household_id == home) for home in left}
    return sorted(left, key=lambda home: (-sure[home], home))


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


def masked(kind: str, value: str) -> str:
    """An identifier of which one can recognise the own, but not read a stranger's."""
    if kind == "email":
        name, _, domain = value.partition("@")
        return f"{name[:1]}***@{domain}"
    if kind == "phone":
        return f"{value[:2]}*****{value[-4:]}"
    if kind == "address":
        return f"***{value[value.find(' ') :]}" if " " in value else "***"
    return f"{value[:6]}***" if len(value) > 9 else "***"


def masked_name(name: str) -> str:
    """Initials of a person's name."""
    return " ".join(f"{part[:1].upper()}." for part in name.split())
