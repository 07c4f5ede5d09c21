"""Interim intervals hold the share and are never narrower than the sample or the last interval; worked by hand."""

from __future__ import annotations

import duckdb
import pytest

from stormops_graph.attribution.interim import widen
from stormops_graph.tables import CREDIT

KEY = {"event_id": "S", "zip_code": "ALL", "dimension": "channel", "model": "markov"}


def test_the_last_interval_moves_along_with_the_share() -> None:
    with duckdb.connect(":memory:") as con:
        CREDIT.create(con)
        now = {
            "call": (0.50, 0.48, 0.53, "event"),  # was 0.40 (0.30 – 0.45): wider below, narrower above
            "sms": (0.02, 0.01, 0.04, "event"),  # would fall below nothing
            "new": (0.48, 0.40, 0.60, "pooled"),  # was in no journey before
        }
        for key, (share, low, high, kind) in now.items():
            row = {**KEY, "key": key, "share": share, "low": low, "high": high, "interval": kind}
            CREDIT.append(con, [[row.get(name) for name in CREDIT.columns]])
        last = {"call": (0.40, 0.30, 0.45), "sms": (0.60, 0.50, 0.70), "gone": (0.1, 0.0, 0.2)}
        widen(con, [{**KEY, "key": k, "credit": s, "low": low, "high": high} for k, (s, low, high) in last.items()])
        assert CREDIT.check(con) == 3
        found = con.execute('SELECT key, share, low, high, "interval" FROM credit ORDER BY key').fetchall()
        assert found == [
            ("call", 0.50, pytest.approx(0.40), pytest.approx(0.55), "event, interim"),
            ("new", 0.48, 0.40, 0.60, "pooled, interim"),
            ("sms", 0.02, 0.0, pytest.approx(0.12), "event, interim"),
        ]
