from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from stormops_graph.errors import ColumnMissing, FeedMissing, InputError, SettingsError
from stormops_graph.simulation import SimulationReport, simulate, simulate_leads
from stormops_graph.simulation.dice import Dice, Wheel
from stormops_graph.simulation.exports import COLUMNS
from stormops_graph.simulation.lexicon import Lexicon
from stormops_graph.simulation.mess import slip, swap_digits, written_phone
from stormops_graph.simulation.people import Registry
from stormops_graph.simulation.storms import by_day

HOUSEHOLDS = 1200
LEADS = """property_id,address,city,zip_code,estimated_value,primary_persona,sii_score,recommended_play
p1,12 Oak St,Dallas,75209,400000,Deal_Hunter,100,Financing_Aggressive
p2,14 Oak St,Dallas,75209,300000,Deal_Hunter,99,Financing_Standard
p3,9 Elm Dr,Dallas,75210,250000,Proof_Seeker,90,Impact_Report_Premium
p4,11 Elm Dr,Dallas,75210,,Proof_Seeker,89.5,Impact_Report_Standard
p5,1 Fir Ln,Dallas,NULL,300000,Family_Protector,95,Safety_Warranty
p6,3 Fir Ln,Dallas,75211,300000,Family_Protector,94,Safety_Standard
p7,5 Ash Ct,Dallas,75211,300000,Status_Conscious,100,Premium_Showcase
p8,7 Ash Ct,Dallas,75211,300000,Status_Conscious,82,Premium_Standard
"""


def read(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def read_events(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "ga4_events.jsonl").read_text("utf-8").splitlines()]


def contents(folder: Path) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file()}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SimulationReport]:
    folder = tmp_path_factory.mktemp("world")
    return folder, simulate(folder, HOUSEHOLDS, 11)


@pytest.fixture
def leads(tmp_path: Path) -> Path:
    file = tmp_path / "leads.csv"
    file.write_text(LEADS, "utf-8")
    return file


def test_same_seed_same_bytes_in_another_process(world: tuple[Path, SimulationReport], tmp_path: Path) -> None:
    folder, _ = world
    program = (
        "import sys, pathlib; from stormops_graph.simulation import simulate;"
        f"simulate(pathlib.Path(sys.argv[1]), {HOUSEHOLDS}, 11)"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "4711"}
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "again")], check=True, env=environment)
    assert contents(tmp_path / "again") == contents(folder)


def test_other_seed_other_world(world: tuple[Path, SimulationReport], tmp_path: Path) -> None:
    simulate(tmp_path, HOUSEHOLDS, 12)
    assert (tmp_path / "calls.csv").read_bytes() != (world[0] / "calls.csv").read_bytes()


def test_files_have_the_feeds_names_and_columns(world: tuple[Path, SimulationReport]) -> None:
    folder, report = world
    for feed, columns in COLUMNS.items():
        if feed != "ga4_events":
            with (folder / f"{feed}.csv").open(encoding="utf-8", newline="") as stream:
                assert tuple(next(csv.reader(stream))) == columns
            assert len(read(folder / f"{feed}.csv")) == report.rows[feed]
    events = read_events(folder)
    assert len(events) == report.rows["ga4_events"]
    assert {"event_date", "event_timestamp", "event_name", "user_pseudo_id", "event_params"} <= events[0].keys()
    assert json.loads((folder / "simulated.json").read_text()) == {
        "simulated": True,
        "households": HOUSEHOLDS,
        "seed": 11,
        "version": 1,
    }


def test_size_is_what_was_asked_for(world: tuple[Path, SimulationReport]) -> None:
    folder, report = world
    assert 4.5 <= sum(report.rows.values()) / HOUSEHOLDS <= 6.5
    homes = read(folder / "truth" / "households.csv")
    assert len({row["household_id"] for row in homes}) == HOUSEHOLDS
    properties = {row["property_id"] for row in read(folder / "properties.csv")}
    assert {row["property_id"] for row in homes} == properties
    assert len({row["zip_code"] for row in read(folder / "properties.csv")} - {""}) == 3


def test_every_record_has_its_truth_once(world: tuple[Path, SimulationReport]) -> None:
    folder, _ = world
    records = read(folder / "truth" / "records.csv")
    known = Counter((row["feed"], row["record_id"]) for row in records)
    assert max(known.values()) == 1
    ids = {
        "crm_contacts": "contact_id",
        "calls": "call_id",
        "door_knocks": "knock_id",
        "emails": "message_id",
        "sms": "message_id",
        "conversions": "conversion_id",
    }
    found = {(feed, row[key]) for feed, key in ids.items() for row in read(folder / f"{feed}.csv")}
    found |= {("ga4", event["user_pseudo_id"]) for event in read_events(folder)}
    assert found == set(known)


def test_persons_belong_to_the_households_of_their_records(world: tuple[Path, SimulationReport]) -> None:
    folder, _ = world
    home = {row["person_id"]: row["household_id"] for row in read(folder / "truth" / "persons.csv")}
    for row in read(folder / "truth" / "records.csv"):
        if row["person_id"]:
            assert home[row["person_id"]] == row["household_id"]


def test_stays_at_a_home_follow_one_another(world: tuple[Path, SimulationReport]) -> None:
    folder, _ = world
    rows = read(folder / "truth" / "households.csv")
    homes = Counter(row["household_id"] for row in rows)
    movers = {household for household, stays in homes.items() if stays == 2}
    assert len(movers) >= 20
    by_property: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        by_property.setdefault(row["property_id"], []).append(row)
    for stays in by_property.values():
        if len(stays) == 2 and any(row["to"] for row in stays):
            first, second = sorted(stays, key=lambda row: row["from"])
            assert first["to"] <= second["from"]


def test_journeys_are_timely_and_depend_on_the_persona(world: tuple[Path, SimulationReport]) -> None:
    folder, _ = world
    start = datetime.fromisoformat("2024-05-28T23:40:00+00:00")
    times: dict[tuple[str, str], list[str]] = {}
    for row in read(folder / "truth" / "touches.csv"):
        times.setdefault((row["household_id"], row["event_id"]), []).append(row["at"])
        if row["event_id"] == "DFW_STORM_24":
            assert start <= datetime.fromisoformat(row["at"]) <= start + timedelta(days=61)
    assert all(at == sorted(at) for at in times.values())
    journeys = read(folder / "truth" / "journeys.csv")
    assert 0.08 < sum(row["converted"] == "1" for row in journeys) / len(journeys) < 0.3

    def share(persona: str, channel: str) -> float:
        paths = [row["path"].split(">") for row in journeys if row["persona"] == persona]
        return sum(path.count(channel) for path in paths) / sum(map(len, paths))

    assert share("Family_Protector", "sms") > 2 * share("Proof_Seeker", "sms")
    assert share("Proof_Seeker", "email") > 1.5 * share("Status_Conscious", "email")


def test_the_mess_is_there(world: tuple[Path, SimulationReport]) -> None:
    folder, report = world
    contacts, calls = read(folder / "crm_contacts.csv"), read(folder / "calls.csv")
    assert {"0000000000", "5555555555"} & {row["phone"] for row in contacts}
    assert any(row["email"] == "none@none.com" for row in contacts)
    assert any(row["caller_name"] == "WIRELESS CALLER" for row in calls)
    assert sum(not row["zip_code"] for row in contacts) > 0.08 * len(contacts)
    assert any("-" in row["zip_code"] for row in contacts)
    assert {row["why"] for row in read(folder / "truth" / "shared_phones.csv")} == {
        "office",
        "manager",
        "front desk",
        "reassigned",
    }
    assert report.anonymous_cookies > 0.6 * report.cookies
    knocks = read(folder / "door_knocks.csv")
    assert len(knocks) > len({row["knock_id"] for row in knocks})
    assert [row["knocked_at"] for row in knocks] != sorted(row["knocked_at"] for row in knocks)


def test_never_writes_over_feeds_that_are_not_simulated(tmp_path: Path) -> None:
    (tmp_path / "calls.csv").write_text("call_id\n", "utf-8")
    with pytest.raises(InputError, match="not simulated"):
        simulate(tmp_path, 20, 1)
    assert [file.name for file in tmp_path.iterdir()] == ["calls.csv"]


def test_a_folder_that_cannot_be_written_is_told_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="file/feeds cannot be written: Not a directory"):
        simulate(tmp_path / "file" / "feeds", 20, 1)


def test_a_simulated_world_may_be_replaced(tmp_path: Path) -> None:
    simulate(tmp_path, 20, 1)
    simulate(tmp_path, 10, 2)
    assert json.loads((tmp_path / "simulated.json").read_text())["households"] == 10


@pytest.mark.parametrize(("households", "seed"), [(0, 1), (9, 1), (10_000_000, 1), (100, -1)])
def test_sizes_that_cannot_be(tmp_path: Path, households: int, seed: int) -> None:
    with pytest.raises(SettingsError):
        simulate(tmp_path, households, seed)


def test_leads_follow_their_templates(tmp_path: Path, leads: Path) -> None:
    report = simulate_leads(tmp_path / "feeds", leads)
    assert report.rows == {
        "properties": 8,
        "crm_contacts": 8,
        "ga4_events": 8,
        "calls": 4,
        "door_knocks": 8,
        "emails": 4,
        "sms": 2,
        "storms": 1,
        "conversions": 4,
    }
    paths = {
        row["household_id"]: (row["path"], row["converted"])
        for row in read(tmp_path / "feeds" / "truth" / "journeys.csv")
    }
    assert [paths[f"H{lead:07d}"] for lead in range(1, 9)] == [
        ("ga4>email>door_knock>call", "1"),
        ("ga4>email>door_knock", "0"),
        ("ga4>door_knock>email>call", "1"),
        ("ga4>door_knock>email", "0"),
        ("ga4>door_knock>sms>call", "1"),
        ("ga4>door_knock>sms", "0"),
        ("ga4>door_knock>call", "1"),
        ("ga4>door_knock", "0"),
    ]


def test_leads_keep_their_properties_as_they_are(tmp_path: Path, leads: Path) -> None:
    simulate_leads(tmp_path / "feeds", leads)
    assert (tmp_path / "feeds" / "properties.csv").read_text("utf-8") == LEADS
    knocks = read(tmp_path / "feeds" / "door_knocks.csv")
    assert [row["zip_code"] for row in knocks][4] == "NULL"
    assert {row["event_id"] for row in knocks} == {"DFW_STORM_24"}


def test_lead_touches_come_in_order_before_the_conversion(tmp_path: Path, leads: Path) -> None:
    simulate_leads(tmp_path / "feeds", leads, seed=5)
    last: dict[str, str] = {}
    for row in read(tmp_path / "feeds" / "truth" / "touches.csv"):
        assert last.get(row["household_id"], "") < row["at"]
        last[row["household_id"]] = row["at"]
    owner = {
        row["record_id"]: row["household_id"]
        for row in read(tmp_path / "feeds" / "truth" / "records.csv")
        if row["feed"] == "conversions"
    }
    for row in read(tmp_path / "feeds" / "conversions.csv"):
        assert last[owner[row["conversion_id"]]] < row["occurred_at"].replace(" ", "T") + "Z"


def test_lead_files_that_cannot_be(tmp_path: Path, leads: Path) -> None:
    with pytest.raises(FeedMissing):
        simulate_leads(tmp_path / "feeds", tmp_path / "absent.csv")
    leads.write_text("property_id,address\n1,2\n", "utf-8")
    with pytest.raises(ColumnMissing, match="primary_persona"):
        simulate_leads(tmp_path / "feeds", leads)
    leads.write_text(LEADS.replace(",99,", ",high,"), "utf-8")
    with pytest.raises(InputError, match="lead 2"):
        simulate_leads(tmp_path / "feeds", leads)
    leads.write_text(LEADS.splitlines()[0], "utf-8")
    with pytest.raises(InputError, match="no leads"):
        simulate_leads(tmp_path / "feeds", leads)
    leads.write_text(LEADS.replace("12 Oak St,", "12 Oak St, Apt 4,"), "utf-8")
    with pytest.raises(InputError, match="longer than its header"):
        simulate_leads(tmp_path / "feeds", leads)
    leads.write_text(LEADS.replace("Status_Conscious", "Stranger"), "utf-8")
    with pytest.raises(InputError, match="lead 7"):
        simulate_leads(tmp_path / "feeds", leads)


def test_no_two_people_have_one_mailbox() -> None:
    registry = Registry(Dice(3), Lexicon())
    written = [registry.email("Ann", "Lee") for _ in range(60)]
    assert len({address.partition("@")[0].replace(".", "") + address.partition("@")[2] for address in written}) == 60


def test_slips_change_a_word_a_little() -> None:
    dice = Dice(3)
    for _ in range(500):
        written = slip(dice, "Mockingbird")
        assert written != "Mockingbird"
        assert abs(len(written) - len("Mockingbird")) <= 1
        assert written[0] == "M"
    assert slip(dice, "Al") == "Al"


def test_swapped_digits_are_the_same_digits() -> None:
    dice = Dice(4)
    for digits in ("12", "1234", "2145550123"):
        assert sorted(swap_digits(dice, digits)) == sorted(digits)
    assert swap_digits(dice, "12") == "21"
    assert swap_digits(dice, "7") == "7"


def test_written_phones_keep_their_digits() -> None:
    dice = Dice(5)
    for _ in range(200):
        digits = "".join(filter(str.isdigit, written_phone(dice, "2142345678")))
        assert digits.removeprefix("1") == "2142345678"


def test_people_knock_by_day_and_never_earlier() -> None:
    for hour in range(48):
        at = 1_716_939_600 + hour * 3600
        moved = by_day(at)
        assert moved >= at
        assert 9 <= (moved // 3600 - 5) % 24 < 20


def test_names_have_a_heavy_head_and_a_long_tail() -> None:
    dice, lexicon = Dice(6), Lexicon()
    names = Counter(lexicon.surname(dice) for _ in range(20_000))
    assert names.most_common(1)[0][0] == "Smith"
    assert 0.01 < names["Smith"] / 20_000 < 0.05
    assert len(names) > 1500
    assert lexicon.nickname(dice, "William") in {"Bill", "Will", "Billy"}


def test_a_wheel_keeps_its_weights() -> None:
    dice, wheel = Dice(7), Wheel(("rare", "often"), (1, 9))
    assert 800 < Counter(wheel.spin(dice) for _ in range(1000))["often"] < 970
