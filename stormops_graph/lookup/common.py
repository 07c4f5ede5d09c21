"""Identifiers that records of two households both show, and why one of them links nobody."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from stormops_graph.tables import Connection

# Placeholders have no holding. A hash says no more than the value that has it.
_COMMON = """
WITH said AS MATERIALIZED (
    SELECT kind, value, record, NULL AS because FROM holding
    WHERE list_contains($ones::VARCHAR[] || $others::VARCHAR[], record) AND NOT ends_with(kind, '_sha256')
    UNION ALL
    SELECT kind, value, record, 'placeholder' FROM placeholder
    WHERE list_contains($ones::VARCHAR[] || $others::VARCHAR[], record)
), common AS (
    SELECT kind, value, max(because) AS because FROM said GROUP BY kind, value
    HAVING bool_or(list_contains($ones::VARCHAR[], record)) AND bool_or(list_contains($others::VARCHAR[], record))
), nowhere AS (
    SELECT address_key AS value FROM record_home SEMI JOIN common ON value = address_key
    GROUP BY address_key HAVING count(home) = 0
)
SELECT kind, value, coalesce(
    s.reason, because, CASE WHEN kind = 'address' AND value IN (FROM nowhere) THEN 'it names no one home' END)
FROM common LEFT JOIN shared_identifier s USING (kind, value) ORDER BY kind, value
"""


@dataclass(frozen=True)
class Common:
    """An identifier that records of both households show; `because` is why it links nobody, None where it links."""

    kind: str
    value: str
    because: str | None


def common_to(con: Connection, ones: Iterable[str], others: Iterable[str]) -> tuple[Common, ...]:
    """What records of the one household and of the other both show."""
    rows = con.execute(_COMMON, {"ones": sorted(ones), "others": sorted(others)}).fetchall()
    return tuple(Common(*row) for row in rows)
