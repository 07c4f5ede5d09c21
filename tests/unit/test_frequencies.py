"""How common a full name is, by the origin of its given name."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pytest

from stormops_graph.link.frequencies import KINDRED, write_full_names, write_kindred
from stormops_graph.link.origins import ORIGINS
from stormops_graph.tables import RECORD

# Of 100 people ten have a Vietnamese given name and ninety another.
SEEN = {("minh", "nguyen"): 8, ("minh", "smith"): 2, ("john", "nguyen"): 2, ("john", "smith"): 88}


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect(config={"threads": 1})
    RECORD.create(con)
    people = [name for name, number in SEEN.items() for _ in range(number)]
    for home, (given, surname) in enumerate(people):
        for record in (f"contact {home}", f"knock {home}"):  # who is seen twice is one
            con.execute(
                "INSERT INTO record BY NAME SELECT ? AS record, ? AS given, ? AS surname, ? AS address_key,"
                " [] AS phones, [] AS emails",
                [record, given, surname, str(home)],
            )
    return con


def test_a_surname_is_commoner_among_given_names_of_its_origin(con: duckdb.DuckDBPyConnection) -> None:
    write_full_names(con)
    con.register("name_origin", pa.table({"given": list(ORIGINS), "origin": list(ORIGINS.values())}))
    KINDRED.create(con)
    write_kindred(con)
    # (8 + 10 * .1) / (10 + 10) / .1 = 4.5: two bits. Nguyen is not rarer among others than it is among all.
    assert con.execute("FROM kindred").fetchall() == [("nguyen", "Vietnamese", 2)]


def test_no_given_name_is_of_two_origins_and_each_is_written_as_it_is_read() -> None:
    assert all(name.isascii() and name.isalpha() and name.islower() for name in ORIGINS)
    assert ORIGINS["minh"] == "Vietnamese"
    assert (ORIGINS["chioma"], ORIGINS["tigist"], ORIGINS["wanjiru"]) == (
        "West African",
        "Ethiopian, Eritrean",
        "East African",
    )
    assert ORIGINS.keys().isdisjoint(("daniel", "grace", "samuel"))
