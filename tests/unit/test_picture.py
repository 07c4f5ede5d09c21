"""A household's picture: whole, in a fixed order, nothing in it that acts, nobody's data unless asked for."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from stormops_graph.errors import InputError
from stormops_graph.picture.household import tie_said
from stormops_graph.picture.journey import journey_drawing
from stormops_graph.picture.sheet import check_form, page, whole, write_sheet
from stormops_graph.picture.subject import Record, Residence, Span, Step, Subject, Tie, Value, Way, as_read

MAY = datetime(2024, 5, 28, 9)
HOSTILE = "<script>alert(1)</script>\u202e\x1b[31m'\"&"
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def record(key: str, **more: Any) -> dict[str, Any]:
    return {"record": key, "feed": key.partition(":")[0], "first_seen": MAY, "last_seen": MAY, "person": None,
            "name": None, "start": None, "end": None} | more  # fmt: skip


def tie(left: str, right: str, weight: float, spans: bool) -> dict[str, Any]:
    evidence = json.dumps([{"kind": "phone", "weight": 9.0}, {"kind": "surname", "weight": -1.0}])
    return {"left": left, "right": right, "probability": 0.98, "weight": weight, "spans": spans, "evidence": evidence}


ROW: dict[str, Any] = {
    "household_id": "h1",
    "homes": [{"address": "12 Elm St", "start": None, "end": MAY}, {"address": "9 Oak Ave", "start": MAY, "end": None}],
    "records": [
        record("calls:1", person="p1", name="ann lee"),
        record("sms:2"),
        record("crm_contacts:3", person="p1", name="ann lee", end=MAY),
    ],
    "holdings": [
        {"record": "calls:1", "key": "phone:+12143634567", "is_shared": False},
        {"record": "crm_contacts:3", "key": "phone:+12143634567", "is_shared": False},
        {"record": "sms:2", "key": "email:ann@mail.com", "is_shared": True},
    ],
    "evidence": [tie("calls:1", "crm_contacts:3", 9.0, True), tie("crm_contacts:3", "sms:2", 4.0, True),
                 tie("calls:1", "sms:2", 2.0, False)],
    "journeys": [{"event_id": "S", "zip_code": "75209", "converted_at": MAY + timedelta(days=9), "conversion": "claim",
                  "touches": [{"at": MAY, "channel": "ga4", "play": None, "credit": 0.25},
                              {"at": MAY + timedelta(days=1), "channel": "call", "play": "P", "credit": 0.75}]}],
    "left_out": 0,
}  # fmt: skip


def test_what_is_drawn_is_masked_unless_it_is_asked_for() -> None:
    hidden, open_ = (as_read(ROW, show=show) for show in (False, True))
    assert [value.said for value in hidden.values] == ["a***@mail.com", "+1*****4567"]
    assert [record.name for record in hidden.records] == ["A. L.", "A. L.", ""]
    assert [home.address for home in hidden.homes] == ["*** Elm St", "*** Oak Ave"]
    for drawn in (whole(hidden), page(hidden, simulated=False)):
        assert not re.search("Ann|ann@|2143634567|12 Elm", drawn)
    for drawn in (whole(open_), page(open_, simulated=True)):
        assert all(said in drawn for said in ("Ann Lee", "ann@mail.com", "+12143634567", "12 Elm St"))


def test_the_weakest_bridge_is_the_weakest_that_holds() -> None:
    found = as_read(ROW, show=False)
    assert found.weakest == Tie("crm_contacts:3", "sms:2", 0.98, 4.0, True, ("phone",))
    assert whole(found).count('class="flow weak"') == 1
    assert "the weakest bridge is 98.0 % sure, +4.0 bits: phone" in whole(found)
    assert [record.key for record in found.records] == ["calls:1", "crm_contacts:3", "sms:2"]  # nobody's last


def test_no_evidence_is_drawn_as_certain() -> None:
    assert tie_said(Tie("a", "b", 1.0, 19.9, True, ("emails", "home"))) == "> 99.9 % sure, +19.9 bits: emails, home"


def test_a_journey_of_one_touch_is_said_so() -> None:
    touches = (Step(MAY, "call", None, None), Step(MAY, "sms", None, None))
    said = [" ".join(journey_drawing(Way("S", "75209", touches[:many], None, None))[0]) for many in (1, 2)]
    assert ["ZIP 75209: 1 touch, no conversion" in said[0], "ZIP 75209: 2 touches, no conversion" in said[1]] == [
        True,
        True,
    ]


def large(size: int) -> Subject:
    records = tuple(
        Record(f"calls:{n:03}", HOSTILE, f"p{n // 7}" if n % 7 else None, HOSTILE, Span(MAY, None), Span(None, MAY))
        for n in range(size)
    )
    names = [record.key for record in records]
    ties = [
        Tie(a, b, 0.9, n % 9, n % 2 == 0, (HOSTILE,)) for n, (a, b) in enumerate(zip(names, names[3:], strict=False))
    ]
    values = [Value("phone", HOSTILE * 9, n % 3 == 0, tuple(names[n : n + 5])) for n in range(0, size, 2)]
    touches = tuple(Step(MAY + timedelta(hours=n), HOSTILE, HOSTILE, n / 9) for n in range(9))
    ways = (
        Way(HOSTILE, "75209", touches, MAY + timedelta(days=30), HOSTILE),
        Way("T", "UNKNOWN", touches[:1], None, None),
    )
    homes = (Residence(HOSTILE * 20, Span(None, MAY)),)
    return Subject(HOSTILE, homes, records, tuple(values), tuple(ties), ways, left_out=5)


ALONE = Subject("h", records=(Record("ga4:1", "ga4", None, "", Span(), Span()),))


@pytest.mark.parametrize("drawn", [large(60), large(2), ALONE, Subject("h")], ids=["large", "small", "alone", "empty"])
def test_nothing_acts_and_nothing_is_cut(drawn: Subject) -> None:
    assert whole(drawn) == whole(drawn)
    root = ElementTree.fromstring(whole(drawn))
    assert {element.tag for element in root.iter()} <= {"svg", "g", "rect", "text", "path", "line", "circle", "title"}
    wide, high = map(float, root.attrib["viewBox"].split()[2:])
    for group in root:
        top = float(NUMBER.findall(group.attrib["transform"])[1])
        for shape in group:
            x, y = (float(shape.attrib.get(name, shape.attrib.get(f"c{name}", 0))) for name in "xy")
            right, bottom = (float(shape.attrib.get(name, 0)) for name in ("width", "height"))
            assert 0 <= x <= x + right <= wide
            assert 0 <= top + y <= top + y + bottom <= high
    said = page(drawn, simulated=True)
    assert "<script" not in said
    assert not re.search("[\u202e\x1b]", said)


def test_a_table_says_a_day_once_and_that_a_record_always_belongs() -> None:
    record = Record("ga4:1", "ga4", None, "", Span(MAY, MAY), Span())
    said = page(Subject("h", records=(record,)), simulated=False)
    assert f"<td>ga4:1</td><td>–</td><td>{MAY:%Y-%m-%d}</td><td>always</td>" in said


@pytest.mark.parametrize("form", [".svg", ".html"])
def test_a_picture_is_for_its_owner_only(tmp_path: Path, form: str) -> None:
    file = tmp_path / f"x{form}"
    write_sheet(file, large(4), simulated=True)
    assert file.stat().st_mode & 0o077 == 0
    assert "imulated data" in file.read_text("utf-8")


def test_where_no_picture_can_be_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none of \.svg, \.html, \.png"):
        check_form(tmp_path / "x.pdf")
    with pytest.raises(InputError, match="is no folder"):
        check_form(tmp_path / "none" / "x.svg")
