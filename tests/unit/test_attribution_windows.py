"""What of a journey counts: windows, channels left out, repeats."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import duckdb
import pytest

from stormops_graph.attribution.credits import attribute
from stormops_graph.attribution.windows import narrow
from stormops_graph.settings import AttributionSettings
from stormops_graph.tables import JOURNEY, JOURNEY_TOUCH, Connection

END = datetime(2024, 6, 1)


@pytest.fixture
def con() -> Iterator[Connection]:
    connection = duckdb.connect()
    JOURNEY.create(connection)
    JOURNEY_TOUCH.create(connection)
    yield connection
    connection.close()


def fill(con: Connection, *paths: str) -> None:
    """Journeys such as `direct@9 call/report@0`: channel, play, days before the end."""
    for number, path in enumerate(paths):
        name = f"j{number}"
        con.execute("INSERT INTO journey VALUES (?, ?, 'DFW', '75209', NULL, true, 10, ?, ?)", [name, name, END, END])
        for position, touch in enumerate(path.split()):
            step, _, days = touch.partition("@")
            channel, _, play = step.partition("/")
            at = END - timedelta(days=float(days)) if days else None
            con.execute(
                "INSERT INTO journey_touch VALUES (?, ?, NULL, ?, ?, ?)", [name, position, channel, play or None, at]
            )


def left(con: Connection) -> list[str]:
    found = con.execute(
        "SELECT string_agg(channel || coalesce('/' || play_id, ''), ' ' ORDER BY position) FROM journey_touch "
        "GROUP BY journey_id ORDER BY journey_id"
    ).fetchall()
    return [row[0] for row in found]


def test_as_shipped_nothing_is_taken(con: Connection) -> None:
    fill(con, "direct@9 call@0 call@0", "direct@99")
    assert narrow(con, AttributionSettings()) == 0
    assert left(con) == ["direct call call", "direct"]


def test_channels_left_out_stay_where_they_are_alone(con: Connection) -> None:
    fill(con, "direct@9 call@8 direct@0", "direct@9 direct@0", "own@3 direct@2")
    assert narrow(con, AttributionSettings(leave_out=("direct", "own"))) == 2
    assert left(con) == ["call", "direct direct", "own direct"]


def test_old_touches_go_but_the_last_stays(con: Connection) -> None:
    fill(con, "ga4@30.1 email@30 call@0", "ga4@50 email@40", "ga4 call@0")
    assert narrow(con, AttributionSettings(lookback_days=30)) == 2
    assert left(con) == ["email call", "email", "ga4 call"]


def test_repeats_in_a_row_count_once_where_the_play_is_the_same_too(con: Connection) -> None:
    fill(con, "sms@9 sms@8 call@7 sms@6 sms/report@5 sms/report@4 call@0")
    assert narrow(con, AttributionSettings(repeats="once")) == 2
    assert left(con) == ["sms call sms sms/report call"]


def test_what_is_left_is_credited_and_every_conversion_stays(con: Connection) -> None:
    fill(con, "direct@90 ga4@60 email@5 email@4 call@0", "direct@9")
    options = AttributionSettings(leave_out=("direct",), lookback_days=30, repeats="once", draws=100)
    narrow(con, options)
    attribute(con, options)
    found = con.execute(
        "SELECT key, conversions FROM credit WHERE zip_code = 'ALL' AND model = 'linear' ORDER BY key"
    ).fetchall()
    assert found == [("call", 0.5), ("direct", 1.0), ("email", 0.5)]
