"""Names that people type for a household or a record, and what is meant by them in workspace and graph."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from stormops_graph.errors import InputError, NotFound
from stormops_graph.ledger.decisions import Decision
from stormops_graph.ports import Graph
from stormops_graph.tables import MEMBERSHIP, RECORD, SOURCE_ROW, Connection

SHORT = 8  # characters of an id that lists show, and that name it where no other begins so

_IS_THERE = "SELECT 1 FROM record WHERE record = $record"
_RECORDS_OF = "SELECT DISTINCT record FROM source_row WHERE feed = $feed AND id = $id ORDER BY record"
_STARTING = "SELECT DISTINCT household FROM membership WHERE starts_with(household, $start) ORDER BY household LIMIT 3"


def record_named(con: Connection, name: str, mentioned: Collection[str] = ()) -> str:
    """The key of the record that is named by its key or as feed:id; raises NotFound, or InputError for several."""
    RECORD.ensure(con)
    if name in mentioned or con.execute(_IS_THERE, {"record": name}).fetchall():
        return name
    feed, _, row = name.partition(":")
    SOURCE_ROW.ensure(con)
    found = [record for (record,) in con.execute(_RECORDS_OF, {"feed": feed, "id": row}).fetchall()]
    if len(found) > 1:
        raise InputError(f"{name} is {len(found)} records: {', '.join(found)}", "name one of them")
    if not found:
        of_a_household = "" if ":" in name else "; households are put together by `merge`, and parted by `split`"
        raise NotFound(
            f"there is no record {name}",
            "name it as feed:id, as in `export assignments` (calls:CA100012), after a `resolve` that read it"
            + of_a_household,
        )
    return str(found[0])


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
