"""Placeholders that stewards released: they identify somebody again, whatever lists and patterns say."""

from __future__ import annotations

from stormops_graph.tables import RULING, Connection

_RELEASED = """
UPDATE {kind}_value SET reason = NULL
WHERE {kind} IN (SELECT value FROM ruling WHERE kind = '{kind}' AND ruling = 'released')
"""


def release(con: Connection) -> None:
    """Take the reason from released values of `phone_value` and `email_value`."""
    RULING.ensure(con)
    for kind in ("phone", "email"):
        con.execute(_RELEASED.replace("{kind}", kind))
