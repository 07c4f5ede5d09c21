"""Names that people type for a household or a record, and what is meant by them in workspace and graph."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from stormops_graph.errors import InputError, NotFound
from stormops_graph.ledger.decisions import Decision
from stormops_graph.ports import Graph
from stormops_graph.tables import MEMBERSHIP, RECORD, SOURCE_ROW, Connection

SHORT = 8  # characters of an id that lists show, and that name it where no other begins so

_NAMED = """
WITH asked AS (
    SELECT unnest($names::VARCHAR[]) AS name, unnest($feeds::VARCHAR[]) AS feed, unnest($ids::VARCHAR[]) AS id
)
SELECT name, record FROM asked JOIN record ON record = name
UNION
SELECT name, s.record FROM asked JOIN source_row s USING (feed, id) WHERE name NOT IN (SELECT record FROM record)
ORDER BY ALL
"""
_STARTING = "SELECT DISTINCT household FROM membership WHERE starts_with(household, $start) ORDER BY household LIMIT 3"


def record_named(con: Connection, name: str, mentioned: Collection[str] = ()) -> str:
    """The key of the record that is named by its key or as feed:id; raises NotFound, or InputError for several."""
    return name if name in mentioned else the_record(name, records_named(con, [name]).get(name, []))


def records_named(con: Connection, names: Iterable[str]) -> dict[str, list[str]]:
    """Name → the records that it may mean, for names that mean any: that of this key, or else those of feed:id."""
    RECORD.ensure(con)
    SOURCE_ROW.ensure(con)
    asked = sorted(set(names))
    feeds, ids = ([name.partition(":")[place] for name in asked] for place in (0, 2))
    found: dict[str, list[str]] = defaultdict(list)
    for name, record in con.execute(_NAMED, {"names": asked, "feeds": feeds, "ids": ids}).fetchall():
        found[name].append(record)
    return dict(found)


def the_record(name: str, found: Sequence[str]) -> str:
    """Of the records that a name may mean the one; raises NotFound, or InputError for several."""
    if len(found) > 1:
        raise InputError(f"{name} is {len(found)} records: {', '.join(found)}", "name one of them")
    if not found:
        of_a_household = "" if ":" in name else "; households are put together by `merge`, and parted by `split`"
        raise NotFound(
            f"there is no record {name}",
            "name it as feed:id, as in `export assignments` (calls:CA100012), after a `resolve` that read it"
            + of_a_household,
        )
    return found[0]


def household_named(con: Connection, name: str) -> str:
    """The household of MEMBERSHIP whose id is named, or begins so; raises NotFound, or InputError for several."""
    MEMBERSHIP.ensure(con)
    starting = [found for (found,) in con.execute(_STARTING, {"start": name}).fetchall()]
    if found := _the_one(name, starting):
        return found
    raise NotFound(f"there is no household {name} now", f"an old id is followed by: stormops-graph household {name}")


def household_in_graph(graph: Graph, name: str) -> str:
    """The household, ended or not, whose id is named, or begins so; raises NotFound, or InputError for several."""
    starting = [str(row["household_id"]) for row in graph.read("read/households_starting", start=name)]
    if found := _the_one(name, starting):
        return found
    raise NotFound(f"there has never been a household {name}", "find it: stormops-graph find --address LINE")


def decision_named(known: Sequence[Decision], name: str) -> Decision:
    """The decision whose id is named, or begins so; raises NotFound, or InputError for several."""
    by_id = {decision.id: decision for decision in known if decision.id.startswith(name)}
    if found := _the_one(name, sorted(by_id)):
        return by_id[found]
    raise NotFound(f"there is no decision {name}", "list them: stormops-graph decisions list")


def _the_one(name: str, starting: Sequence[str]) -> str | None:
    """Of the ids that begin with a name the one that is meant; raises InputError where it may be several."""
    if name in starting:
        return name
    if len(name) < SHORT or not starting:
        return None
    if len(starting) > 1:
        raise InputError(f"several ids begin with {name}: {', '.join(starting)}", "name one of them")
    return starting[0]
