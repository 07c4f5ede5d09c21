"""How journeys go, by hand: commonest paths, chances, removals, days."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from stormops_graph.attribution.journey_file import read_journey_file
from stormops_graph.attribution.path_report import AreaPaths, path_report
from stormops_graph.cli.app import app
from stormops_graph.errors import NotFound
from stormops_graph.tables import Connection

HEADER = "property_id,zip_code,event_id,channel,timestamp,converted,conversion_value"
# a > c converts after two days, b > c and b do not; in the other ZIP a converts at once
ROWS = [
    "p1,75209,DFW,a,2024-05-28,0,",
    "p1,75209,DFW,c,2024-05-30,1,50",
    "p2,75209,DFW,b,2024-05-28,0,",
    "p2,75209,DFW,c,2024-05-29,0,",
    "p3,75209,DFW,b,2024-05-28,0,",
    "p4,75001,DFW,a,2024-05-28,1,30",
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    written = tmp_path / "journeys.csv"
    written.write_text("\n".join([HEADER, *ROWS]) + "\n")
    return written


@pytest.fixture
def con(file: Path) -> Iterator[Connection]:
    connection = duckdb.connect()
    read_journey_file(connection, file)
    yield connection
    connection.close()


def of_zip(con: Connection) -> AreaPaths:
    (found,) = path_report(con, 2, "DFW", "75209")
    return found


def test_commonest_paths(con: Connection) -> None:
    (found,) = path_report(con, 1)
    told = [(path.channels, path.journeys, path.conversions, path.value) for path in found.top]
    assert told == [(["a"], 1, 1, 30), (["a", "c"], 1, 1, 50), (["b"], 1, 0, 0), (["b", "c"], 1, 0, 0)]
    assert (found.journeys, found.conversions) == (4, 2)
    assert found.days_to_convert["50%"] == 1
    assert found.touches_to_convert["90%"] == pytest.approx(1.9)


def test_chances_of_what_follows(con: Connection) -> None:
    found = of_zip(con)
    assert found.channels == ["a", "b", "c"]
    assert found.transitions == [
        pytest.approx(row)
        for row in ([0, 0, 1, 0, 0], [0, 0, 0.5, 0, 0.5], [0, 0, 0, 0.5, 0.5], [1 / 3, 2 / 3, 0, 0, 0])
    ]


def test_removals_of_one_and_of_two(con: Connection) -> None:
    found = of_zip(con)
    assert found.order == 2
    assert found.removal == [pytest.approx(row) for row in ([1, 1, 1], [1, 0, 1], [1, 1, 1])]
    (whole,) = path_report(con, 1, "DFW")
    # order 1: c converts half the time, a goes on to c half the time and converts otherwise
    assert whole.removal[0][0] == pytest.approx(1 - (0.5 * 0.5 * 0.5) / (0.5 * 0.75 + 0.5 * 0.5 * 0.5))


def test_orders_are_compared_and_one_is_taken(con: Connection) -> None:
    (found,) = path_report(con, "auto")
    assert [each.order for each in found.orders] == [1, 2, 3, 4]
    assert found.order in {1, 2, 3, 4}
    assert sum(share or 0.0 for share in found.orders[1].shares) == pytest.approx(1)


def test_nobody_converting_has_paths_but_no_removals(con: Connection) -> None:
    con.execute("UPDATE journey SET converted = false")
    found = of_zip(con)
    assert found.removal == [[None] * 3] * 3
    assert found.days_to_convert["50%"] is None
    json.dumps(found.as_dict(), allow_nan=False)


def test_a_zip_without_journeys(con: Connection) -> None:
    with pytest.raises(NotFound, match="75999"):
        path_report(con, 1, None, "75999")


def test_the_command_in_tables_and_in_json(file: Path, tmp_path: Path) -> None:
    asked = ["paths", "--journeys", str(file), "--project", str(tmp_path)]
    told = CliRunner().invoke(app, asked)
    assert told.exit_code == 0
    for word in ("4 journeys, 2 converted", "a > c", "days to convert", "start", "log-likelihood"):
        assert word in told.stdout
    (area,) = json.loads(CliRunner().invoke(app, [*asked, "--json"]).stdout)["areas"]
    assert area["channels"] == ["a", "b", "c"]
    assert len(area["transitions"]) == 4
