"""Memberships in doubt: who goes where, and the journeys as they would be then; worked by hand."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import duckdb
import pytest

from stormops_graph.attribution.coding import CodedJourneys
from stormops_graph.attribution.credits import attribute
from stormops_graph.attribution.memberships import (
    MOVE,
    draw_memberships,
    in_doubt,
)
from stormops_graph.attribution.worlds import Worlds, journeys_of_moves
from stormops_graph.journeys import no_doubts
from stormops_graph.settings import AttributionSettings
from stormops_graph.tables import (
    JOURNEY,
    JOURNEY_TOUCH,
    MEMBER_IN_DOUBT,
    OTHER_HOUSEHOLD,
    TRACE,
    TRACE_HOME,
    Connection,
    Table,
)

Rows = Sequence[tuple[Any, ...]]


def at(day: int) -> datetime:
    return datetime(2024, 5, day)


def touch(household: str, person: str | None, record: str, day: int, channel: str) -> tuple[Any, ...]:
    return (household, person, record, f"{record}.{day}", False, at(day), "S", channel, None, None)


def conversion(household: str, person: str | None, record: str, day: int) -> tuple[Any, ...]:
    return (household, person, record, f"{record}.{day}", True, at(day), "S", None, None, 900.0)


# h1 converted on day 6; h2 did not; a cookie of nobody visited on days 3 and 8.
TRACES = [
    touch("h1", "ann", "crm:1", 2, "email"),
    touch("h1", None, "knock:1", 5, "door_knock"),
    conversion("h1", "ann", "sale:1", 6),
    touch("h2", "bob", "crm:2", 1, "call"),
    touch("h2", "bob", "sms:2", 4, "sms"),
    touch("c1", None, "ga4:1", 3, "ga4"),
    touch("c1", None, "ga4:1", 8, "ga4"),
]
HOMES = [
    ("h1", "P0", "75000", "Deal_Hunter", None, at(3)),
    ("h1", "P1", "75001", "Proof_Seeker", at(3), None),
    ("h2", "P2", "75002", None, None, None),
]
# As the graph has them; h1's journey begins on day 2, at its first home.
JOURNEYS = {
    "h1:S": ("75000", "Deal_Hunter", True, 900.0, at(2), at(6), "email>door_knock"),
    "h2:S": ("75002", None, False, None, at(1), at(4), "call>sms"),
    "c1:S": ("UNKNOWN", None, False, None, at(3), at(8), "ga4>ga4"),
}


@pytest.fixture
def con() -> Iterator[Connection]:
    connection = duckdb.connect()
    no_doubts(connection)
    fill(connection, TRACE, TRACES)
    fill(connection, TRACE_HOME, HOMES)
    yield connection
    connection.close()


def fill(con: Connection, table: Table, rows: Rows) -> None:
    table.create(con)
    if rows:
        con.executemany(f"INSERT INTO {table.name} VALUES ({', '.join('?' * len(table.columns))})", rows)


def moved(con: Connection, *moves: tuple[Any, ...]) -> dict[str, tuple[Any, ...]]:
    """Journeys of draw 0 after moves of (record, household, person, target)."""
    fill(con, MOVE, [(0, *move) for move in moves])
    journeys_of_moves(con)
    return {
        row[0]: row[1:]
        for row in con.execute(
            """
            SELECT journey_id, zip_code, persona, converted, value, started_at, ended_at,
                   string_agg(channel, '>' ORDER BY position)
            FROM journey_drawn JOIN touch_drawn USING (variant, journey_id) GROUP BY ALL ORDER BY 1
            """
        ).fetchall()
    }


def test_who_stays_has_the_journeys_of_the_graph(con: Connection) -> None:
    stays = [("crm:1", "h1", None, "h1"), ("crm:2", "h2", "bob", "h2"), ("ga4:1", "c1", None, "c1")]
    assert moved(con, *stays) == JOURNEYS


def test_a_cookie_joins_a_journey_up_to_its_conversion(con: Connection) -> None:
    found = moved(con, ("ga4:1", "c1", None, "h1"))
    assert found == {"h1:S": (*JOURNEYS["h1:S"][:6], "email>ga4>door_knock")}  # not the visit after; h2 is not stirred
    found = moved(con, ("ga4:1", "c1", None, "h2"))
    assert found == {"h2:S": ("75002", None, False, None, at(1), at(8), "call>ga4>sms>ga4")}


def test_a_conversion_that_goes_leaves_a_journey_open(con: Connection) -> None:
    found = moved(con, ("sale:1", "h1", None, "h2"))
    assert found["h1:S"] == ("75000", "Deal_Hunter", False, None, at(2), at(5), "email>door_knock")
    assert found["h2:S"] == ("75002", None, True, 900.0, at(1), at(6), "call>sms")


def test_a_person_goes_with_all_its_records(con: Connection) -> None:
    found = moved(con, ("crm:1", "h1", "ann", "alone:h1|ann"))
    assert found == {
        "alone:h1|ann:S": ("UNKNOWN", None, True, 900.0, at(2), at(6), "email"),
        # begun on day 5 now, when it lived at its second home
        "h1:S": ("75001", "Proof_Seeker", False, None, at(5), at(5), "door_knock"),
    }


def test_records_go_as_often_as_they_say(con: Connection) -> None:
    fill(con, MEMBER_IN_DOUBT, [("crm:2", "h2", "bob", 0.9, False), ("sms:2", "h2", "bob", 0.8, False)])
    fill(con, OTHER_HOUSEHOLD, [("ga4:1", "c1", "h1", 0.5), ("ga4:1", "c1", "h2", 0.2), ("sms:2", "h2", "h1", 0.1)])
    assert in_doubt(con)
    draw_memberships(con, 4000, 1)
    rows = con.table("move").fetchall()
    times = Counter((record, target) for _, record, _, _, target in rows)
    assert times["ga4:1", "h1"] / 4000 == pytest.approx(0.5, abs=0.03)
    assert times["ga4:1", "h2"] / 4000 == pytest.approx(0.2, abs=0.03)
    assert times["sms:2", "h1"] / 4000 == pytest.approx(0.1, abs=0.02)
    assert times["sms:2", "alone:h2|bob"] / 4000 == pytest.approx(0.1, abs=0.02)
    assert times["crm:2", "alone:h2|bob"] / 4000 == pytest.approx(0.1, abs=0.02)
    gone = {record: {draw for draw, who, *_ in rows if who == record} for record in ("crm:2", "sms:2")}
    assert gone["crm:2"] < gone["sms:2"]  # of one person: the surer one never goes alone


def test_claims_of_several_are_shared_out(con: Connection) -> None:
    fill(con, OTHER_HOUSEHOLD, [("ga4:1", "c1", "h1", 0.9), ("ga4:1", "c1", "h2", 0.6)])
    draw_memberships(con, 4000, 1)
    times = Counter(row[4] for row in con.table("move").fetchall())
    assert times["h1"] + times["h2"] == 4000
    assert times["h1"] / 4000 == pytest.approx(0.6, abs=0.03)


def test_order_of_rows_changes_no_draw(con: Connection) -> None:
    members = [("crm:2", "h2", "bob", 0.7, True), ("knock:1", "h1", None, 0.6, False)]
    others = [("ga4:1", "c1", "h1", 0.5), ("ga4:1", "c1", "h2", 0.2), ("knock:1", "h1", "h2", 0.3)]
    found = []
    for shuffle in (random.Random(1), random.Random(2)):
        for table, rows in ((MEMBER_IN_DOUBT, members), (OTHER_HOUSEHOLD, others), (TRACE, TRACES)):
            fill(con, table, shuffle.sample(rows, len(rows)))
        draw_memberships(con, 50, 7)
        journeys_of_moves(con)
        found.append(
            [
                con.execute(f"FROM {name} ORDER BY ALL").fetchall()
                for name in ("stirred", "journey_drawn", "touch_drawn")
            ]
        )
    assert found[0] == found[1]


def journeys(con: Connection, times: int = 1) -> None:
    """The journeys of the graph, and the same of other homes that are not in doubt."""
    taken, touches = [], []
    for copy in range(times):
        for name, (zip_code, persona, converted, value, begun, ended, path) in JOURNEYS.items():
            key = name if not copy else f"{copy}.{name}"
            taken.append((key, key.removesuffix(":S"), "S", zip_code, persona, converted, value, begun, ended))
            touches += [(key, i, f"{key}.{i}", channel, None, begun) for i, channel in enumerate(path.split(">"))]
    fill(con, JOURNEY, taken)
    fill(con, JOURNEY_TOUCH, touches)


def drawn(con: Connection, draws: int, options: AttributionSettings) -> list[CodedJourneys]:
    """The storm's journeys in each draw."""
    return [coded for _, coded in Worlds.drawn(con, draws, options, None).of("S")]


def test_journeys_that_nothing_stirs_stay_in_every_draw(con: Connection) -> None:
    journeys(con, 3)
    fill(con, OTHER_HOUSEHOLD, [("ga4:1", "c1", "h2", 0.5)])
    draw_memberships(con, 40, 1)
    stirred = {row[0] for row in con.execute("SELECT DISTINCT draw FROM move").fetchall()}
    assert 5 < len(stirred) < 35
    sizes = [(len(coded.area), len(coded.ages)) for coded in drawn(con, 40, AttributionSettings())]
    assert sizes == [(8, 18) if draw in stirred else (9, 18) for draw in range(40)]
    assert con.table("main.journey").count("*").fetchall() == [(9,)]


def test_a_draw_among_many_is_as_it_would_be_alone(con: Connection) -> None:
    journeys(con)
    fill(con, MEMBER_IN_DOUBT, [("crm:1", "h1", "ann", 0.6, True), ("sms:2", "h2", "bob", 0.7, False)])
    fill(con, OTHER_HOUSEHOLD, [("ga4:1", "c1", "h1", 0.4), ("ga4:1", "c1", "h2", 0.3), ("crm:1", "h1", "h2", 0.2)])
    draw_memberships(con, 30, 3)
    moves = con.table("move").fetchall()
    together = list(Worlds.drawn(con, 30, AttributionSettings(), None).of("S"))
    assert [draw for draw, _ in together] == list(range(30))
    assert con.execute("SELECT count(DISTINCT variant) < count(*) FROM stirred").fetchall() == [(True,)]
    for draw, coded in together:
        fill(con, MOVE, [(0, *move[1:]) for move in moves if move[0] == draw])
        (alone,) = drawn(con, 1, AttributionSettings())
        assert told(coded) == told(alone)


def told(coded: CodedJourneys) -> list[tuple[Any, ...]]:
    """Each journey: area, conversion, value, persona, and channels with their ages."""
    touch, found = 0, []
    for journey, length in enumerate(coded.lengths.tolist()):
        among = slice(touch, touch + length)
        path = [coded.names["channel"][state] for state in coded.states["channel"][among]]
        found.append(
            (
                coded.areas[coded.area[journey]],
                bool(coded.converted[journey]),
                float(coded.value[journey]),
                coded.personas[coded.persona[journey]],
                path,
                coded.ages[among].tolist(),
            )
        )
        touch += length
    return sorted(found)


def test_what_does_not_count_counts_in_no_draw(con: Connection) -> None:
    journeys(con)
    fill(con, OTHER_HOUSEHOLD, [("ga4:1", "c1", "h2", 0.99)])
    draw_memberships(con, 1, 2)
    assert con.execute("SELECT target FROM move").fetchall() == [("h2",)]
    for options, touches in (
        (AttributionSettings(), [2, 4]),  # email>door_knock, call>ga4>sms>ga4
        (AttributionSettings(leave_out=("ga4",)), [2, 2]),
        (AttributionSettings(lookback_days=4.5), [2, 2]),  # the journey ends on day 8: not what was on days 1 and 3
    ):
        (coded,) = drawn(con, 1, options)
        assert sorted(coded.lengths.tolist()) == sorted(touches)


def widths(con: Connection, options: AttributionSettings) -> dict[tuple[str, str, str], tuple[float, float]]:
    attribute(con, options)
    rows = con.execute(
        "SELECT zip_code, key, model, share, high - low FROM credit WHERE dimension = 'channel'"
    ).fetchall()
    return {row[:3]: row[3:] for row in rows}


def test_intervals_widen_and_shares_stay(con: Connection) -> None:
    journeys(con, 20)
    sure = widths(con, AttributionSettings())
    assert widths(con, AttributionSettings(identity_draws=0)) == sure
    fill(con, OTHER_HOUSEHOLD, [("ga4:1", "c1", "h1", 0.5)])
    assert widths(con, AttributionSettings(identity_draws=0)) == sure
    doubtful = widths(con, AttributionSettings())
    assert {key: share for key, (share, _) in doubtful.items()} == {key: share for key, (share, _) in sure.items()}
    assert doubtful["ALL", "ga4", "shapley"][1] > sure["ALL", "ga4", "shapley"][1]
    assert doubtful["ALL", "ga4", "markov"][1] > sure["ALL", "ga4", "markov"][1]
    assert widths(con, AttributionSettings()) == doubtful
