"""What stewards said of records, or of identifiers that these hold, and still holds."""

from __future__ import annotations

from collections.abc import Collection

from stormops_graph import runs
from stormops_graph.ledger.bindings import State, listed
from stormops_graph.ledger.decisions import Decision, Level
from stormops_graph.ledger.holders import spread
from stormops_graph.tables import Connection

_BINDS = (State.in_force, State.review)
_SAID = (*_BINDS, State.opposed, State.unsure)


def verdicts_on(con: Connection, records: Collection[str]) -> tuple[Decision, ...]:
    """The verdicts on any of these records, those that bind nothing among them."""
    said = _in_state(con, _SAID)
    about = {part.id for part in spread(con, said) if not set(records).isdisjoint(part.pair)}
    return tuple(decision for decision in said if decision.id in about)


def verdicts_parting(con: Connection, ones: Collection[str], others: Collection[str]) -> tuple[Decision, ...]:
    """The verdicts that keep records of the one household from records of the other."""
    said = [decision for decision in _in_state(con, _BINDS) if decision.parts(Level.household)]
    parting = {
        part.id
        for part in spread(con, said)
        if (part.left in ones and part.right in others) or (part.left in others and part.right in ones)
    }
    return tuple(decision for decision in said if decision.id in parting)


def _in_state(con: Connection, states: Collection[State]) -> list[Decision]:
    return [one.decision for one in listed(con, runs.now()) if one.state in states]
