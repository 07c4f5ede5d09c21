"""Homes that are held out: the interval against published figures, and who is marked."""

from __future__ import annotations

import math
from pathlib import Path

import duckdb
import pytest

from stormops_graph.errors import FeedMissing
from stormops_graph.ingest import ingest
from stormops_graph.journeys.holdouts import mark_controls, newcombe, read_list
from stormops_graph.link.addresses import find_listed_twice
from stormops_graph.settings import FeedSettings
from stormops_graph.tables import PROPERTY

Z95 = 1.959963984540054


@pytest.mark.parametrize(
    ("treated", "control", "bounds"),
    [  # Newcombe 1998, table II, method 10
        ((56, 70), (48, 80), (0.0524, 0.3339)),
        ((9, 10), (3, 10), (0.1705, 0.8090)),
        ((6, 7), (2, 7), (0.0582, 0.8062)),
        ((5, 56), (0, 29), (-0.0381, 0.1926)),
        ((0, 10), (0, 20), (-0.1611, 0.2775)),
        ((0, 10), (0, 10), (-0.2775, 0.2775)),
        ((10, 10), (0, 20), (0.6791, 1.0)),
        ((10, 10), (0, 10), (0.6075, 1.0)),
    ],
)
def test_the_interval_is_newcombes(
    treated: tuple[int, int], control: tuple[int, int], bounds: tuple[float, float]
) -> None:
    assert newcombe(treated, control, Z95) == pytest.approx(bounds, abs=5e-5)
    low, high = newcombe(treated, control)
    difference = treated[0] / treated[1] - control[0] / control[1]
    assert bounds[0] < low <= difference <= high <= bounds[1]  # 90 % is narrower
    other_low, other_high = newcombe(control, treated)
    assert (-other_high, -other_low) == pytest.approx((low, high))


def test_a_list_holds_an_id_a_line(tmp_path: Path) -> None:
    file = tmp_path / "control.txt"
    file.write_text('property_id\n\nP1  # drawn in May\n"P2"\n# none\n', "utf-8-sig")
    assert read_list(file) == ["P1", "P2"]
    with pytest.raises(FeedMissing, match="control_list"):
        read_list(tmp_path / "nothing.txt")


def test_homes_are_held_out_by_the_feed_and_by_the_list(tmp_path: Path) -> None:
    said = ("yes", "No", "1", "", "TRUE", "perhaps")
    rows = "".join(f"P{number},{number} Elm St,{word}\n" for number, word in enumerate(said))
    (tmp_path / "properties.csv").write_text(f"property_id,address,control\n{rows}")
    con = duckdb.connect()
    ingest(con, {"properties": FeedSettings(path="properties.csv")}, tmp_path)
    PROPERTY.create(con)
    con.execute("INSERT INTO property (property_id) SELECT property_id FROM feed_properties")
    assert mark_controls(con, ["P1", "P9"]) == 1
    held = con.execute("SELECT property_id FROM property_control ORDER BY 1").fetchall()
    assert [row[0] for row in held] == ["P0", "P1", "P2", "P4", "P9"]
    doubts = con.execute("SELECT field, reason, kept FROM quarantine").fetchall()
    assert doubts == [("control", "neither yes nor no", True)]


def test_a_home_that_is_listed_twice_is_held_out_by_either_of_its_rows(tmp_path: Path) -> None:
    listed = "A,1 Elm St,1800,no\nB,1 Elm St,1800,yes\nC,2 Elm St,1800,no\nD,2 Elm St,1800,no\nE,3 Elm St,1800,yes\n"
    (tmp_path / "properties.csv").write_text(f"property_id,address,square_footage,control\n{listed}")
    con = duckdb.connect()
    ingest(con, {"properties": FeedSettings(path="properties.csv")}, tmp_path)
    PROPERTY.create(con)
    con.execute(
        "INSERT INTO property (property_id, address_key, square_footage)"
        " SELECT property_id, address, square_footage FROM feed_properties"
    )
    find_listed_twice(con)
    assert con.execute("FROM listed_twice ORDER BY ALL").fetchall() == [("B", "A"), ("D", "C")]
    held = "SELECT property_id FROM property_control ORDER BY 1"
    assert mark_controls(con) == 0
    assert con.execute(held).fetchall() == [("A",), ("E",)]
    assert mark_controls(con, ["A"]) == 0
    assert con.execute(held).fetchall() == [("A",), ("E",)]  # by both of its rows, and once
    assert mark_controls(con, ["D"]) == 0
    assert con.execute(held).fetchall() == [("A",), ("C",), ("E",)]


@pytest.mark.parametrize(
    ("treated", "control"), [((300, 0.14), (60, 0.10)), ((40, 0.05), (40, 0.05)), ((200, 0.02), (50, 0.0))]
)
def test_nine_in_ten_intervals_hold_the_truth(treated: tuple[int, float], control: tuple[int, float]) -> None:
    """Summed over all that may happen, not drawn."""

    def chances(homes: int, rate: float) -> list[float]:
        return [math.comb(homes, k) * rate**k * (1 - rate) ** (homes - k) for k in range(homes + 1)]

    truth, coverage = treated[1] - control[1], 0.0
    for converted, chance in enumerate(chances(*treated)):
        for other, other_chance in enumerate(chances(*control)):
            if chance * other_chance > 1e-9:
                low, high = newcombe((converted, treated[0]), (other, control[0]))
                coverage += chance * other_chance * (low <= truth <= high)
    assert 0.88 < coverage < 0.99
