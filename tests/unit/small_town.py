"""A hundred listed homes, and hand-written feeds that are linked and clustered there."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import duckdb

from stormops_graph.cluster.clustering import cluster
from stormops_graph.ingest import discover, ingest
from stormops_graph.ledger.bindings import bind
from stormops_graph.link.linkage import link
from stormops_graph.normalise import normalise
from stormops_graph.rules.model import read_model
from stormops_graph.rules.ruleset import read_rules
from stormops_graph.tables import DECISION, LAST_MEMBERSHIP, USED_ID, Connection

RULES = read_rules(Path(__file__).parents[2] / "matching_rules")
STREETS = ("Elm St", "Oak Ave", "Cedar Ln", "Maple Dr", "Pine Ct")
COLUMNS = {
    "crm_contacts": "contact_id,first_name,last_name,phone,email,address,zip_code,created_at",
    "door_knocks": "knock_id,knocked_at,address,zip_code,resident_name,phone",
    "calls": "call_id,started_at,caller_number,caller_name",
    "ga4_events": "",  # JSON, a line each
}


@contextmanager
def resolved(folder: Path, **feeds: Sequence[str]) -> Iterator[Connection]:
    """The tables of a first run on these lines of feeds, of homes 10 to 29 in all streets."""
    write(folder, **feeds)
    with duckdb.connect(config={"threads": 1}) as con:
        resolve(con, folder)
        yield con


def write(folder: Path, **feeds: Sequence[str]) -> None:
    """These lines of feeds, and the homes, as files."""
    homes = [f"{n} {street},{n} {street},75201" for n in range(10, 30) for street in STREETS]
    listed = {"properties": "property_id,address,zip_code"} | {feed: COLUMNS[feed] for feed in feeds}
    for feed, columns in listed.items():
        lines = filter(None, (columns, *feeds.get(feed, homes)))
        (folder / f"{feed}.{'csv' if columns else 'jsonl'}").write_text("".join(f"{line}\n" for line in lines))


def resolve(con: Connection, folder: Path) -> None:
    """A night's run on the files of the folder, in the tables of the night before."""
    ingest(con, discover(folder), folder)
    normalise(con, RULES.folder)
    link(con, RULES, read_model(RULES))
    for table in (DECISION, LAST_MEMBERSHIP, USED_ID):
        table.ensure(con)
    bind(con, datetime.max)
    cluster(con, RULES.household.cluster, RULES.session.place_at_least, uuid.UUID(int=7))


def together(con: Connection, level: str = "household", case: str = "") -> list[set[str]]:
    """The ids of each household or person of which one begins as the case does, in the order of their first."""
    found = con.execute(
        f"SELECT list(DISTINCT id) FROM source_row JOIN membership USING (record) WHERE {level} IS NOT NULL"
        f" GROUP BY {level} HAVING bool_or(starts_with(id, ?)) ORDER BY min(id)",
        [case],
    ).fetchall()
    return [set(ids) for (ids,) in found]


def lived(con: Connection, row: str) -> set[str]:
    """The homes that the household of a feed's row ever lived in."""
    found = con.execute(
        "SELECT DISTINCT r.property_id FROM residence r JOIN membership USING (household)"
        " JOIN source_row USING (record) WHERE id = ?",
        [row],
    ).fetchall()
    return {home for (home,) in found}
