"""Identifiers that are slips of the pen for others: how what was found is kept from run to run.

Invariant: which identifiers are near each other depends on these alone, so near ones are looked for only where one of
the two is new. Which one is meant depends on all that are near, so that is worked out anew in each run, and the records
that hold an identifier for which the answer changed are news.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from stormops_graph.carryover import open_tables, remade, renewed
from stormops_graph.tables import Connection, Table

_HOLDERS = "SELECT record FROM holding SEMI JOIN (SELECT value FROM {changed}) USING (value) WHERE kind = '{kind}'"


@dataclass(frozen=True)
class Slips:
    """The slips of one kind of identifier; near: tables by `value`, and perhaps `other`, that they are found by."""

    kind: str
    meant: Table  # value, meant
    near: tuple[Table, ...]

    @property
    def due(self) -> str:
        """SQL of the identifiers that came or went."""
        return f"(SELECT value FROM identifier_due WHERE kind = '{self.kind}')"  # noqa: S608  (fixed words)

    @contextmanager
    def renewed(self, con: Connection) -> Iterator[bool]:
        """Bring `near` up to date with the identifiers in `identifier_due`; whether it was known is yielded.

        Those of due records are in `identifier_held`, and are to be added; where nothing was known, all in `holding`.
        """
        with renewed(con, self.meant.name) as known:
            open_tables(con, (self.meant, *self.near), known=known)
            for table in self.near:
                ends = " OR ".join(f"{end} IN {self.due}" for end in ("value", "other") if end in table.columns)
                con.execute(f"DELETE FROM {table.name} WHERE {ends}")  # noqa: S608
            yield known

    @contextmanager
    def worked_out(self, con: Connection) -> Iterator[None]:
        """Fill `meant`, which is empty, and let who holds an identifier that changed be news."""
        with remade(con, self.meant, _HOLDERS.replace("{kind}", self.kind)):
            yield
