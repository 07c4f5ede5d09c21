"""The shadow: what the graph holds, as keys, fingerprints and hashed contents in the workspace (`shadow_<kind>`).

Invariant: it is trusted only while the run that wrote the graph last is the run it was kept for; otherwise it is
read back from the graph. So a deleted workspace, a killed load, another machine's run or a restored dump heal.
"""

from __future__ import annotations

from collections.abc import Iterable

from stormops_graph.graph.kinds import Kind, NodeKind, sql
from stormops_graph.ports import Graph
from stormops_graph.tables import USED_ID, Connection, Table

SHADOW_OF = Table("shadow_of", {"run": "VARCHAR"})

_LEFT_BEHIND = """
DELETE FROM shadow_{name} AS shadow USING difference_{name} other WHERE {same} AND change IN ('changed', {removed})
"""
_TAKEN_OVER = (
    "INSERT INTO shadow_{name} SELECT {keys}, fingerprint, content, timed FROM difference_{name} WHERE change <> 'gone'"
)
_TABLES = "SELECT table_name FROM duckdb_columns() WHERE column_name = 'timed'"
_USED = "INSERT INTO used_id SELECT * FROM identity ANTI JOIN used_id USING (level, id)"


def refresh(con: Connection, graph: Graph, kinds: tuple[Kind, ...]) -> bool:
    """Make the shadow true; whether it had to be read back from the graph."""
    if is_true(con, graph, kinds):
        return False
    distrust(con)
    version = wrote(graph)
    is_empty = not any(graph.read("read/any"))
    for kind in kinds:
        if is_empty:
            _table(kind, "shadow").create(con)
        else:
            read_keys(con, graph, kind, "shadow")
    USED_ID.create(con)
    USED_ID.append(con, (tuple(row.values()) for row in graph.read("read/used_ids")))
    if version is not None:
        trust(con, version)
    return True


def is_true(con: Connection, graph: Graph, kinds: tuple[Kind, ...]) -> bool:
    """Whether the shadow was kept for the run that wrote the graph last, and for every kind."""
    SHADOW_OF.ensure(con)
    version = wrote(graph)
    return version is not None and _is_whole(con, kinds) and con.table("shadow_of").fetchall() == [(version,)]


def read_keys(con: Connection, graph: Graph, kind: Kind, name: str) -> None:
    """Read the keys and fingerprints of a kind from the graph into `<name>_<kind>`; what it hashes to is not known."""
    seen = _table(kind, name)
    statement = "read/node_fingerprints" if isinstance(kind, NodeKind) else "read/relation_fingerprints"
    seen.create(con)
    seen.append(con, ((*row.values(), None, None) for row in graph.read(statement, kind.words)))


def distrust(con: Connection) -> None:
    """From now on the shadow is not what the graph holds."""
    SHADOW_OF.create(con)


def trust(con: Connection, run: str) -> None:
    """The shadow is what the graph holds since `run`."""
    SHADOW_OF.create(con)
    SHADOW_OF.append(con, [(run,)])


def is_trusted(con: Connection) -> bool:
    """Whether the shadow is kept for a run."""
    return SHADOW_OF.check(con) == 1


def wrote(graph: Graph) -> str | None:
    """The run that wrote the graph last, whether it completed or not; None of a graph that none ever wrote."""
    return next((str(row["run_id"]) for row in graph.read("read/version")), None)


def last_written(con: Connection) -> str | None:
    """The run that wrote a graph last, also where a later one stopped before it wrote; None where none is known."""
    SHADOW_OF.ensure(con)
    return trusted(con) if is_trusted(con) else None


def trusted(con: Connection) -> str:
    """The run that the shadow was kept for; it must be true."""
    return str(con.table(SHADOW_OF.name).fetchall()[0][0])


def take_over(con: Connection, kinds: Iterable[Kind]) -> None:
    """Let the shadow be what was wanted of the kinds that differ, after the differences have been written."""
    for kind in kinds:
        con.execute(sql(kind, _LEFT_BEHIND).replace("{removed}", "NULL" if kind.when_gone == "kept" else "'gone'"))
        con.execute(sql(kind, _TAKEN_OVER))
    con.execute(_USED)


def _is_whole(con: Connection, kinds: tuple[Kind, ...]) -> bool:
    """Whether every kind has its shadow, as this release keeps it."""
    tables = {row[0] for row in con.execute(_TABLES).fetchall()}
    return tables.issuperset(f"shadow_{kind.name}" for kind in kinds)


def _table(kind: Kind, name: str) -> Table:
    keys = dict.fromkeys(kind.columns, "VARCHAR")
    return Table(f"{name}_{kind.name}", {**keys, "fingerprint": "BIGINT", "content": "UBIGINT", "timed": "UBIGINT"})
