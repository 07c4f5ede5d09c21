"""Credits between two runs of `attribute`: new shares, with intervals that allow for what the last ones allowed for.

Invariant: an interim interval holds its share, what the sample of journeys leaves open, and the last interval moved
along with the share; it is never narrower than either, and it says that it is interim.
"""

from __future__ import annotations

from collections.abc import Iterable

from stormops_graph.ports import Row
from stormops_graph.tables import CREDIT, Connection, Table

INTERIM = ", interim"
"""Ends the kind of an interval that the next `attribute` works out anew."""

_LAST = Table(
    "credit_last",
    {
        "event_id": "VARCHAR",
        "zip_code": "VARCHAR",
        "dimension": "VARCHAR",
        "key": "VARCHAR",
        "model": "VARCHAR",
        "credit": "DOUBLE",
        "low": "DOUBLE",
        "high": "DOUBLE",
    },
)
_WIDENED = f"""
CREATE OR REPLACE TABLE credit AS
SELECT credit.* REPLACE (
    greatest(0, least(credit.low, share - (last.credit - last.low))) AS low,
    least(1, greatest(credit.high, share + (last.high - last.credit))) AS high,
    "interval" || '{INTERIM}' AS "interval")
FROM credit LEFT JOIN credit_last last USING (event_id, zip_code, dimension, key, model)
"""  # noqa: S608  (a constant)


def widen(con: Connection, last: Iterable[Row]) -> None:
    """Widen the intervals of CREDIT, which are of the sample alone, by those that were published `last`."""
    CREDIT.check(con)
    _LAST.fill(con, last)
    con.execute(_WIDENED)
