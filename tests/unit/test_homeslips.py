"""Two listed homes whose numbers or flats are one slip or some doors apart, and one family that both are said of."""

from __future__ import annotations

import cluster_rules
import pytest
from listed_homes import market

from stormops_graph.cluster.evidence import gather_evidence
from stormops_graph.tables import BINDING, CANDIDATE, PAIR_KIND, RECORD_HOME

HOMES = {
    "5002": ("5002", "elm", "st", None, "75201"),
    "5020": ("5020", "elm", "st", None, "75201"),
    "5012": ("5012", "elm", "st", None, "75201"),
    "5133": ("5133", "elm", "st", None, "75201"),
    "oak": ("5020", "oak", "st", None, "75201"),
    "flat": ("5020", "elm", "st", "4", "75201"),
    "a107": ("900", "oak", "st", "a107", "75201"),
    "a108": ("900", "oak", "st", "a108", "75201"),
    "a180": ("900", "oak", "st", "a180", "75201"),
    "b210": ("900", "oak", "st", "b210", "75201"),
}
CONTACT, KNOCK, CLAIM, OTHER = "crm_contacts:a", "door_knocks:b", "conversions:c", "door_knocks:d"


def homes(
    lived: dict[str, str],
    *,
    pairs: list[tuple[str, str]] | None = None,
    kin: list[tuple[str, str]] | None = None,
    tied: bool = True,
    named: bool = True,
    sure: float = 0.97,
    apart: bool = False,
) -> dict[str, str | None]:
    """Record → its home for clustering, where each two of these records (or `pairs`) are tied or named alike, or kept
    apart, and `kin` have a surname in common.
    """
    con = market(HOMES)
    for table in (RECORD_HOME, CANDIDATE, PAIR_KIND, BINDING):
        table.create(con)
    con.execute("CREATE TABLE profile (unique_id VARCHAR, given_root VARCHAR)")
    for record, home in lived.items():
        con.execute("INSERT INTO record BY NAME SELECT ? AS record", [record])
        con.execute(
            "INSERT INTO record_home BY NAME SELECT $1 AS record, $2 AS property_id, $2 AS home", [record, home]
        )
    records = sorted(lived)
    pairs = pairs or [(one, other) for place, one in enumerate(records) for other in records[place + 1 :]]
    pairs = [(min(pair), max(pair)) for pair in pairs]
    PAIR_KIND.append(con, [(*pair, sure, sure, True, named, tied) for pair in pairs])
    PAIR_KIND.append(con, [(*sorted(pair), sure, sure, True, False, False) for pair in kin or ()])
    if apart:
        BINDING.append(con, [("household", *pair, "different") for pair in pairs])
    gather_evidence(con, cluster_rules.RULES, 0.75, whole=True)
    return dict(con.execute("SELECT record, home FROM evidence_record").fetchall())


@pytest.mark.parametrize("other", [KNOCK, OTHER])
def test_of_two_the_knock_is_mistyped(other: str) -> None:
    assert homes({CONTACT: "5002", other: "5020"}) == {CONTACT: "5002", other: None}


def test_the_home_that_fewer_show_is_mistyped_whoever_they_are() -> None:
    lived = {CONTACT: "5002", KNOCK: "5020", OTHER: "5020"}
    assert homes(lived) == lived | {CONTACT: None}


def test_of_a_contact_and_a_knock_some_doors_down_the_street_the_knock_was_next_door() -> None:
    assert homes({CONTACT: "5020", KNOCK: "5012"}) == {CONTACT: "5020", KNOCK: None}


def test_whom_the_other_record_is_tied_to_at_its_home_counts() -> None:
    lived = {CLAIM: "5020", CONTACT: "5002", KNOCK: "5002"}
    assert homes(lived, pairs=[(CONTACT, CLAIM), (CONTACT, KNOCK)]) == lived | {CLAIM: None}


def test_who_is_known_there_by_the_surname_alone_counts() -> None:
    lived = {CLAIM: "5020", CONTACT: "5002", KNOCK: "5002"}
    kin = [(CONTACT, KNOCK)]
    assert homes(lived, pairs=[(CONTACT, CLAIM)], kin=kin) == lived | {CLAIM: None}
    assert homes(lived | {KNOCK: "5133"}, pairs=[(CONTACT, CLAIM)], kin=kin) == lived | {KNOCK: "5133"}


def test_a_slip_in_the_flat_is_the_same() -> None:
    for flat in ("a107", "a180"):
        assert homes({CONTACT: "a108", KNOCK: flat}) == {CONTACT: "a108", KNOCK: None}
    lived = {CONTACT: "a108", KNOCK: "b210"}
    assert homes(lived) == lived


@pytest.mark.parametrize("far", ["5133", "oak", "flat"])
def test_a_home_that_is_no_slip_away_is_another_home(far: str) -> None:
    lived = {CONTACT: "5002", KNOCK: far}
    assert homes(lived) == lived


def test_of_two_alike_none_is_known_to_be_mistyped() -> None:
    lived = {CONTACT: "5002", CLAIM: "5020"}
    assert homes(lived) == lived


def test_neighbours_whom_neither_a_name_nor_an_identifier_ties_are_two() -> None:
    lived = {CONTACT: "5002", KNOCK: "5020"}
    assert homes(lived, tied=False, named=False) == lived
    assert homes(lived, named=False, sure=0.9) == lived  # a shared number alone has to be as sure as a move
    assert homes(lived, tied=False, sure=0.75) == lived | {KNOCK: None}


def test_whom_a_steward_keeps_apart_live_next_to_each_other() -> None:
    lived = {CONTACT: "5002", KNOCK: "5020"}
    assert homes(lived, apart=True) == lived
