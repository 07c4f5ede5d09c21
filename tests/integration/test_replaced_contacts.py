"""Contacts whose ids were given to other people, on real servers: no stranger gets a household's id."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from shared_servers import Quiet, Servers

from stormops_graph import pipeline
from stormops_graph.errors import GateBroken
from stormops_graph.project import Project

PEOPLE = 30
PROPERTIES = "property_id,address,city,zip_code\n" + "".join(f"p{n},{n} Oak St,Dallas,75209\n" for n in range(11, 61))
NAMES = ("Jane Miller", "Ann Adams", "Bob Baker", "Cyd Clark", "Dan Davis", "Eve Evans", "Flo Foster", "Gus Grant")
COLUMNS = "contact_id,first_name,last_name,phone,email,address,city,zip_code,created_at\n"


def person(n: int) -> str:
    """What a contact says, but for its id: the names of eight repeat, emails and homes do not, nor do numbers, but for
    their agent's on every third.
    """
    first, last = NAMES[n % 8].split()
    phone = f"214-{363 + n}-{4567 + 131 * n}" if n % 3 else "972-861-4475"
    mail = f"{first}.{last}{n}@mail.com".lower()
    return f"{first},{last},{phone},{mail},{n + 11} Oak St,Dallas,75209,2024-05-01T10:00:00Z"


def contacts(who: dict[str, int]) -> str:
    return COLUMNS + "".join(f"{contact},{person(n)}\n" for contact, n in who.items())


@pytest.fixture
def project(tmp_path: Path, servers: Servers) -> Project:
    (tmp_path / "feeds").mkdir()
    (tmp_path / "feeds" / "properties.csv").write_text(PROPERTIES)
    (tmp_path / "feeds" / "crm_contacts.csv").write_text(contacts({f"c{n}": n for n in range(PEOPLE)}))
    return servers.founded(tmp_path / "project", tmp_path / "feeds")


def households(project: Project, servers: Servers, *passing: str) -> dict[str, str]:
    """Contact id → household, after a run."""
    pipeline.resolve(project, servers.environ, Quiet(), passing=passing)
    out = project.folder / "assignments.csv"
    pipeline.export(project, servers.environ, "assignments", out)
    with out.open(newline="") as file:
        return {row["record_id"]: row["household_id"] for row in csv.DictReader(file)}


def test_an_export_that_numbers_its_rows_is_stopped_and_gives_no_id_to_strangers(
    project: Project, servers: Servers, tmp_path: Path
) -> None:
    first = households(project, servers)
    (tmp_path / "feeds" / "crm_contacts.csv").write_text(contacts({f"c{n}": (n + 3) % PEOPLE for n in range(PEOPLE)}))
    with pytest.raises(GateBroken, match="contacts_replaced: 30 of 30 contacts"):
        households(project, servers)
    second = households(project, servers, "contacts_replaced", "ids_changed", "merges", "households_gone")
    assert set(second.values()).isdisjoint(first.values())
    assert pipeline.resolve(project, servers.environ, Quiet()).nothing_changed


def test_one_id_that_is_used_again_takes_no_household_with_it(
    project: Project, servers: Servers, tmp_path: Path
) -> None:
    first = households(project, servers)
    who = {f"c{n}": n for n in range(PEOPLE)}
    said = contacts(who | {"c3": PEOPLE + 2, "c99": 3}).replace("c3,Jane,", "c3,Cyd,")  # the given name is as before
    (tmp_path / "feeds" / "crm_contacts.csv").write_text(said)
    second = households(project, servers)
    assert second["c3"] not in first.values()
    assert {contact: second[contact] for contact in who if contact != "c3"} == {
        contact: household for contact, household in first.items() if contact != "c3"
    }
    project.workspace.unlink()
    assert households(project, servers) == second
