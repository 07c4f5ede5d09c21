"""What has to be written: `difference_<kind>`, wanted against shadow, each row new, changed or gone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from stormops_graph.graph.kinds import Kind, sql
from stormops_graph.ports import Row
from stormops_graph.tables import Connection

_DIFFERENCE = """
CREATE OR REPLACE TABLE difference_{name} AS
SELECT {keys}, wanted.properties, wanted.times, wanted.fingerprint,
       CASE WHEN shadow.fingerprint IS NULL THEN 'new' WHEN wanted.fingerprint IS NULL THEN 'gone' ELSE 'changed' END
         AS change
FROM wanted_{name} wanted FULL JOIN shadow_{name} shadow USING ({keys})
WHERE wanted.fingerprint IS DISTINCT FROM shadow.fingerprint
ORDER BY {order}
"""
_COUNTS = "SELECT change, count(*) FROM difference_{name} GROUP BY change"


@dataclass
class Counts:
    """How many of a label or type are new, changed and gone."""

    new: int = 0
    changed: int = 0
    gone: int = 0

    @property
    def total(self) -> int:
        """All that differs."""
        return self.new + self.changed + self.gone


def compare(con: Connection, kind: Kind) -> Counts:
    """Fill `difference_<kind>`; what is gone but kept for good does not count."""
    con.execute(sql(kind, _DIFFERENCE))
    found = dict(con.execute(sql(kind, _COUNTS)).fetchall())
    if kind.when_gone == "kept":
        found.pop("gone", None)
    return Counts(**found)


def rows(con: Connection, kind: Kind, query: str, size: int) -> Iterator[list[Row]]:
    """Lists of up to `size` rows of a query that gives the kind's keys, properties, times and fingerprint."""
    names = (*kind.columns, "properties", "times", "fingerprint")
    result = con.execute(query)
    while found := result.fetchmany(size):
        yield [dict(zip(names, row, strict=True)) for row in found]
