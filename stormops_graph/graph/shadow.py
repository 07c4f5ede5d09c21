"""The shadow: what the graph holds, as keys and fingerprints in the workspace (`shadow_<kind>`).

Invariant: it is trusted only while the run that wrote the graph last is the run it was kept for; otherwise it is
read back from the graph. So a deleted workspace, a killed load, another machine's run or a restored dump heal.
"""

from __future__ import annotations

from stormops_graph.graph.kinds import Kind, NodeKind, sql
from stormops_graph.ports import Graph
from stormops_graph.tables import USED_ID, Connection, Table

SHADOW_OF = Table("shadow_of", {"run": "VARCHAR"})

_KEPT = """
CREATE OR REPLACE TABLE shadow_{name} AS
SELECT {keys}, fingerprint FROM wanted_{name}
UNION ALL SELECT {keys}, fingerprint FROM shadow_{name} ANTI JOIN wanted_{name} USING ({keys})
"""
_REPLACED = "CREATE OR REPLACE TABLE shadow_{name} AS SELECT {keys}, fingerprint FROM wanted_{name}"
_USED = "INSERT INTO used_id SELECT * FROM identity ANTI JOIN used_id USING (level, id)"


def refresh(con: Connection, graph: Graph, kinds: tuple[Kind, ...]) -> bool:
    """Make the shadow true; whether it had to be read back from the graph."""
    if is_true(con, graph, kinds):
        return False
    distrust(con)
    version = _version(graph)
    for kind in kinds:
        read_keys(con, graph, kind, "shadow")
    USED_ID.create(con)
    USED_ID.append(con, (tuple(row.values()) for row in graph.read("read/used_ids")))
    if version is not None:
        trust(con, version)
    return True


def is_true(con: Connection, graph: Graph, kinds: tuple[Kind, ...]) -> bool:
    """Whether the shadow was kept for the run that wrote the graph last, and for every kind."""
    SHADOW_OF.ensure(con)
    version = _version(graph)
    return version is not None and _is_whole(con, kinds) and con.table("shadow_of").fetchall() == [(version,)]


def read_keys(con: Connection, graph: Graph, kind: Kind, name: str) -> None:
    """Read the keys and fingerprints of a kind from the graph into `<name>_<kind>`."""
    seen = Table(f"{name}_{kind.name}", dict.fromkeys(kind.columns, "VARCHAR") | {"fingerprint": "BIGINT"})
    statement = "read/node_fingerprints" if isinstance(kind, NodeKind) else "read/relation_fingerprints"
    seen.create(con)
    seen.append(con, (tuple(row.values()) for row in graph.read(statement, kind.words)))


def distrust(con: Connection) -> None:
    """From now on the shadow is not what the graph holds."""
    SHADOW_OF.create(con)


def trust(con: Connection, run: str) -> None:
    """The shadow is what the graph holds since `run`."""
    SHADOW_OF.create(con)
    SHADOW_OF.append(con, [(run,)])


def take_over(con: Connection, kinds: tuple[Kind, ...]) -> None:
    """Let the shadow be what was wanted, after it has been written."""
    for kind in kinds:
        con.execute(sql(kind, _KEPT if kind.when_gone == "kept" else _REPLACED))
    con.execute(_USED)


def _is_whole(con: Connection, kinds: tuple[Kind, ...]) -> bool:
    """Whether every kind has its shadow: one that an earlier release did not know has none."""
    tables = {row[0] for row in con.execute("SELECT table_name FROM information_schema.tables").fetchall()}
    return tables.issuperset(f"shadow_{kind.name}" for kind in kinds)


def _version(graph: Graph) -> str | None:
    return next((str(row["run_id"]) for row in graph.read("read/version")), None)
