"""What a caller asks for, as the identifiers of the graph.

Invariant: it is read by the code that read the feeds, so that equal things are found equal.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from threading import Lock

import duckdb

from stormops_graph.errors import Mistyped
from stormops_graph.ledger.decisions import identifier_of
from stormops_graph.lookup.find import Identifier
from stormops_graph.lookup.listed import address_key
from stormops_graph.normalise import FeedRules
from stormops_graph.normalise.emails import read_email
from stormops_graph.normalise.phones import read_phone
from stormops_graph.plain_text import is_utf8

_NO = {"phone": "not a telephone number", "email": "not an email address", "address": "not a street address"}
_CORRECT = {"phone": "correct it; an area code belongs to a number", "email": "correct it"}


@dataclass(frozen=True)
class Asked:
    """The identifiers that a caller knows, as typed; raises Mistyped for a number, which may have lost digits, and for
    letters that could not be read.
    """

    cookie: str | None = None
    phone: str | None = None
    email: str | None = None
    address: str | None = None

    def __post_init__(self) -> None:
        for kind, value in vars(self).items():
            if not isinstance(value, str | None):
                raise Mistyped(f"the {kind} is no text but of type {type(value).__name__}", "give it in quotes")
            if not is_utf8(value or ""):
                raise Mistyped(f"the {kind} is no UTF-8", "type it where LC_ALL is C.UTF-8 or another of UTF-8")

    @property
    def is_empty(self) -> bool:
        """Whether nothing was asked."""
        return not any((value or "").strip() for value in (self.cookie, self.phone, self.email, self.address))


@dataclass(frozen=True)
class Unusable:
    """Something asked that identifies nobody, and why; never the value."""

    kind: str
    reason: str


class AskedReader:
    """Reads what is asked by the rules of a project; make it once and use it often, from any thread.

    A placeholder identifies nobody, but for the keys (`phone:+1…`) that stewards released.
    """

    def __init__(self, rules: FeedRules, released: Collection[str] = ()) -> None:
        self._rules = rules.identifiers
        self._released = released
        self._con = duckdb.connect(config={"threads": 1})
        self._one_at_a_time = Lock()  # a connection hands one thread what another one asked

    def read(self, asked: Asked) -> tuple[list[Identifier], list[Unusable]]:
        """The identifiers asked for, and what identifies nobody."""
        readings = []
        if asked.phone and asked.phone.strip():
            readings.append(("phone", *self._phone(asked.phone.strip())))
        if asked.email and asked.email.strip():
            readings.append(("email", *self._email(asked.email.strip())))
        if asked.address and asked.address.strip():
            readings.append(("address", *address_key(asked.address.strip())))
        if asked.cookie and asked.cookie.strip():
            readings.append(("cookie", asked.cookie.strip(), None))
        found = [Identifier(kind, value) for kind, value, reason in readings if value and not reason]
        unusable = [Unusable(kind, reason or _NO[kind]) for kind, value, reason in readings if reason or not value]
        return found, unusable

    def read_all(self, asked: Asked) -> list[Identifier]:
        """The identifiers asked for; raises Mistyped where one of them identifies nobody."""
        found, unusable = self.read(asked)
        if unusable:
            said = ", ".join(f"--{part.kind}: {part.reason}" for part in unusable)
            raise Mistyped(f"what is asked identifies nobody ({said})", "correct it, or leave it out")
        return found

    def named(self, kind: str, raw: str) -> Identifier:
        """The phone or email that is written so, be it a placeholder; raises Mistyped where it is none."""
        value, _ = {"phone": self._phone, "email": self._email}[kind](raw.strip())
        if not value:
            raise Mistyped(f"what is named is {_NO[kind]}", _CORRECT[kind])
        return Identifier(kind, value)

    def end(self, name: str) -> str:
        """What a verdict is about, as typed: an identifier's key for `phone:(214) 555-…`, else the same record."""
        found = identifier_of(name)
        if found is None:
            return name
        kind, raw = found
        return f"cookie:{raw.strip()}" if kind == "cookie" else self.named(kind, raw).key

    def _phone(self, raw: str) -> tuple[str | None, str | None]:
        with self._one_at_a_time:
            value, reason = read_phone(self._con, raw, self._rules.phone)
        return self._unless_released("phone", value, reason)

    def _email(self, raw: str) -> tuple[str | None, str | None]:
        with self._one_at_a_time:
            value, reason = read_email(self._con, raw, self._rules.email)
        return self._unless_released("email", value, reason)

    def _unless_released(self, kind: str, value: str | None, reason: str | None) -> tuple[str | None, str | None]:
        return value, None if f"{kind}:{value}" in self._released else reason
