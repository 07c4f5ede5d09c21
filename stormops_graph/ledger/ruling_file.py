"""The file of the rulings, one a line, see `journal`; and what of it is in force, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from stormops_graph.ledger.journal import Journal
from stormops_graph.ledger.rulings import Outcome, Ruling, in_force
from stormops_graph.tables import RULING, Connection

_JOURNAL = Journal(Ruling, "`shared release` or `shared block`")


def rulings_in_force(file: Path) -> list[Ruling]:
    """The latest ruling on each identifier, by key."""
    return in_force(_JOURNAL.kept(file))


kept_rulings = _JOURNAL.kept
replace_rulings = _JOURNAL.replace


def keep_ruling(file: Path, ruling: Ruling) -> Ruling:
    """Add a ruling to the file, dated after the one it replaces even where the clock was set back."""
    before = next((known for known in rulings_in_force(file) if known.key == ruling.key), None)
    if before is not None:
        ruling = ruling.model_copy(update={"at": max(ruling.at, before.at + timedelta(microseconds=1))})
    _JOURNAL.append(file, [ruling])
    return ruling


def store_rulings(con: Connection, rulings: Sequence[Ruling]) -> int:
    """Fill RULING with rulings in force; how many."""
    RULING.create(con)
    return RULING.append(con, [(str(r.kind), r.value, str(r.ruling), r.by, r.at, r.reason) for r in rulings])


def released_keys(file: Path) -> frozenset[str]:
    """The keys of the identifiers that stewards released."""
    return frozenset(r.key for r in rulings_in_force(file) if r.ruling is Outcome.released)
