"""What stewards do: decide on two records, list, export and import decisions.

Invariant: a decision is in the graph, in one transaction, and on the disk as a line of `decisions.jsonl` before the
steward is told so; opening the ledger gives each of the two what only the other has, so that losing either loses none.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from stormops_graph import runs
from stormops_graph.adapters.migrations import migrate
from stormops_graph.adapters.workspace import open_workspace
from stormops_graph.errors import Contradiction, InputError
from stormops_graph.graph.verdicts import read_decisions, write_decisions
from stormops_graph.ledger.bindings import Listed, fingerprints_of, listed, refuse, store, stored, told
from stormops_graph.ledger.decision_file import append_decisions, kept_decisions, read_decisions_file
from stormops_graph.ledger.decisions import (
    Decision,
    Level,
    Verdict,
    contradictions,
    in_force,
    in_order,
    strongest,
)
from stormops_graph.locks import folder_locked, graph_locked
from stormops_graph.ports import Graph, Progress
from stormops_graph.project import Project
from stormops_graph.record_names import record_named
from stormops_graph.stores import open_graph
from stormops_graph.tables import PAIR, PAIR_KIND, RECORD, SOURCE_ROW, Connection

_SCORE = """
SELECT max(CASE WHEN $level = 'person' THEN person_probability ELSE household_probability END)
FROM pair_kind WHERE left_id = $left AND right_id = $right
"""
_MODEL = "SELECT string_agg(DISTINCT model, ', ' ORDER BY model) FROM pair WHERE left_id = $left AND right_id = $right"


@dataclass(frozen=True)
class Claim:
    """What a steward says of two records, each named by its key or as feed:id; the level is the strongest if None."""

    one: str
    other: str
    verdict: Verdict
    reason: str
    by: str
    level: Level | None = None


class Ledger:
    """The stewards' verdicts of a project, open for one of them; made by `open_ledger`."""

    def __init__(self, con: Connection, graph: Graph, file: Path) -> None:
        self._con, self._graph, self._file = con, graph, file
        take_in(con, graph, file)
        write_decisions(con, graph)

    def decide(self, claim: Claim) -> Decision:
        """Record a verdict; an earlier one on the same pair becomes history.

        Raises Contradiction with the chain of verdicts that it opposes, NotFound for a record that nobody knows.
        """
        known = stored(self._con)
        made = self._made(claim, known)
        self._refuse_new(known, [made])
        self._keep([made])
        return made

    def listed(self) -> list[Listed]:
        """All decisions with what has become of them, the oldest first."""
        return listed(self._con)

    def export(self, out: Path) -> int:
        """Write all decisions to a new file, as `bring` reads them; how many. Raises InputError where it exists."""
        if out.exists():
            raise InputError(f"{out} exists already", "name a new file")
        decisions = stored(self._con)
        out.touch(0o600)
        append_decisions(out, decisions)
        return len(decisions)

    def bring(self, file: Path) -> int:
        """Add the decisions of a file that are not known yet, all or none of them; how many.

        Raises Contradiction with the lines of the file that oppose other verdicts, InputError for a wrong line.
        """
        known = stored(self._con)
        ours = {decision.id: decision for decision in known}
        lines: dict[str, int] = {}
        news: dict[str, Decision] = {}
        for number, decision in read_decisions_file(file):
            if ours.get(decision.id, news.get(decision.id, decision)) != decision:
                raise InputError(
                    f"{file}:{number}: decision {decision.id} is known with another content",
                    "a decision is never changed: give the line an id of its own",
                )
            if decision.id not in ours:
                news[decision.id] = decision
                lines.setdefault(decision.id, number)
        self._refuse_new(known, list(news.values()), lines, file)
        self._keep(list(news.values()))
        return len(news)

    def _made(self, claim: Claim, known: list[Decision]) -> Decision:
        mentioned = {record for decision in known for record in decision.pair}
        left, right = sorted(record_named(self._con, name, mentioned) for name in (claim.one, claim.other))
        if left == right:
            raise InputError(
                f"both names mean the record {left}", "a record is one feed's distinct values: name two of them"
            )
        level = claim.level or strongest(claim.verdict)
        before = next((decision for decision in in_force(known) if decision.pair == (left, right)), None)
        at = runs.now()
        if before is not None:  # a clock that was set back must not make history of the new one
            at = max(at, before.at + timedelta(microseconds=1))
        values = fingerprints_of(self._con, [left, right])
        score, model = _evidence(self._con, left, right, level)
        return Decision(
            id=str(uuid.uuid4()),
            left=left,
            right=right,
            verdict=claim.verdict,
            level=level,
            by=claim.by,
            at=at,
            reason=claim.reason,
            supersedes=before.id if before else None,
            left_fingerprint=values.get(left),
            right_fingerprint=values.get(right),
            score=score,
            model=model,
        )

    def _refuse_new(
        self,
        known: list[Decision],
        news: list[Decision],
        lines: Mapping[str, int] | None = None,
        file: Path | None = None,
    ) -> None:
        """Raise Contradiction for what the news oppose; what opposed each other before stays to be decided."""
        old = {chain[0].id for chain in contradictions(known)}
        chains = [chain for chain in contradictions([*known, *news]) if chain[0].id not in old]
        if not chains or lines is None:
            refuse(chains)
            return
        said = [
            f"{file}:{', '.join(str(n) for n in sorted(lines[d.id] for d in chain if d.id in lines))}: "
            + "these verdicts cannot all hold:\n"
            + "\n".join(told(chain))
            for chain in chains
        ]
        raise Contradiction("\n".join(said), "nothing was imported: take out or correct these lines")

    def _keep(self, news: list[Decision]) -> None:
        store(self._con, in_order([*stored(self._con), *news]))
        write_decisions(self._con, self._graph)
        append_decisions(self._file, in_order(news))


@contextmanager
def open_ledger(project: Project, environ: Mapping[str, str], progress: Progress) -> Iterator[Ledger]:
    """The project's ledger, held alone; starts no server. Raises Busy during a run, ServerDown."""
    with (
        folder_locked(project.state, "decide"),
        open_graph(project, environ) as graph,
        open_workspace(project.workspace) as con,
    ):
        migrate(graph)
        with graph_locked(graph, "decide", progress):
            for table in (RECORD, SOURCE_ROW, PAIR, PAIR_KIND):
                table.ensure(con)
            yield Ledger(con, graph, project.decisions)


def take_in(con: Connection, graph: Graph, file: Path) -> int:
    """Fill DECISION with the verdicts of graph and file, each once, and give the file what it lacks; how many.

    What the graph lacks is written to it with the next differences.
    """
    read_decisions(con, graph)
    ours = {decision.id: decision for decision in stored(con)}
    kept = {decision.id: decision for decision in kept_decisions(file)}
    append_decisions(file, in_order(decision for key, decision in ours.items() if key not in kept))
    store(con, in_order((kept | ours).values()))
    return len(kept | ours)


def _evidence(con: Connection, left: str, right: str, level: Level) -> tuple[float | None, str | None]:
    pair = {"left": left, "right": right}
    score = con.execute(_SCORE, {**pair, "level": str(level)}).fetchall()[0][0]
    return score, con.execute(_MODEL, pair).fetchall()[0][0]
