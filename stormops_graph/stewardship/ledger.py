"""The ledger of verdicts: decide on two records, take it back, list, export and import decisions.

Invariant: a decision is in the graph, in one transaction, and on the disk as a line of `decisions.jsonl` before the
steward is told so; opening the ledger gives each of the two what only the other has, so that losing either loses none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from stormops_graph import runs
from stormops_graph.adapters.migrations import migrate
from stormops_graph.adapters.workspace import workspace_told
from stormops_graph.errors import (
    Contradiction,
    InputError,
    KeptElsewhere,
    Outdated,
    ServerDown,
    StoreError,
    StormopsError,
)
from stormops_graph.graph.verdicts import note_written, read_decisions, write_decisions
from stormops_graph.ledger.bindings import Listed, listed, refuse, store, stored, told
from stormops_graph.ledger.claims import Claim, Hearing, restored
from stormops_graph.ledger.decision_file import append_decisions, kept_decisions, read_decisions_file
from stormops_graph.ledger.decisions import Decision, contradictions, in_force, in_order
from stormops_graph.ledger.holders import binding, spread
from stormops_graph.ledger.naming import decision_named
from stormops_graph.ports import Graph, Progress
from stormops_graph.project import Project
from stormops_graph.runs.locks import folder_locked, graph_locked
from stormops_graph.services.room import room_on_disks
from stormops_graph.settings import ReviewSettings
from stormops_graph.stores import open_graph, open_stages
from stormops_graph.tables import Connection

_LATER = "make room on the disk; the next verdict or resolve brings it everywhere else"


class Ledger:
    """The stewards' verdicts of a project, open for one of them; made by `open_ledger`."""

    def __init__(self, con: Connection, graph: Graph, file: Path, settings: ReviewSettings) -> None:
        self._con, self._graph, self._file, self._settings = con, graph, file, settings
        take_in(con, graph, file)
        note_written(con, graph, write_decisions(con, graph))

    @property
    def run(self) -> str | None:
        """The complete run behind the records that verdicts are about now; None where there is none."""
        return runs.of_workspace(self._con)

    @property
    def last(self) -> Decision:
        """The verdict that was recorded last; there must be one."""
        return stored(self._con)[-1]

    def decide(self, claim: Claim, seen: Collection[str] | None = None) -> Decision:
        """Record a verdict; an earlier one on the same pair becomes history. What holds already is not said twice.

        Raises Contradiction with the chain of verdicts that it opposes, NotFound for a record that nobody knows, and
        where `seen` are the ids of decisions that its steward knows, Outdated instead of replacing another.
        """
        known = stored(self._con)
        new = self._hearing([claim], known).made(claim, runs.now())
        if new not in known:
            if seen is not None and new.supersedes is not None and new.supersedes not in seen:
                raise Outdated("another verdict on these two has come meanwhile", "read it: press n, then h")
            self._refuse_new(known, [new])
            self._keep([new])
        return new

    def decide_all(self, claims: Sequence[tuple[str, Claim]]) -> list[Decision]:
        """Record the verdicts of a file, all or none; each comes with its place in it, which errors name."""
        known = stored(self._con)
        old = {decision.id for decision in known}
        hearing = self._hearing([claim for _, claim in claims], known)
        news: dict[tuple[str, str], Decision] = {}
        places: dict[str, str] = {}
        said = []
        for place, claim in claims:
            try:
                new = hearing.made(claim, runs.now())
            except StormopsError as error:
                raise InputError(f"{place}: {error.message}", f"nothing was decided: {error.hint}") from error
            said.append(new)
            if new.id in old or new.id in places:
                continue
            if new.pair in news:
                twice = places[news[new.pair].id]
                raise InputError(f"{place}: {twice} says otherwise of the same two", "nothing was decided: keep one")
            news[new.pair], places[new.id] = new, place
        self._refuse_new(known, list(news.values()), places)
        self._keep(list(news.values()))
        return said

    def undo(self, decision_ids: Sequence[str], by: str) -> list[Decision]:
        """Take verdicts back, all or none: what was said before each holds again. Taking that back restores it.

        Their ids may be cut to what lists show of them. Raises NotFound for an unknown id, InputError where several
        begin so, Contradiction also where a later verdict replaced one.
        """
        known = stored(self._con)
        news: list[Decision] = []
        for undone in {one.id: one for one in (decision_named(known, name) for name in decision_ids)}.values():
            news.append(restored(undone, [*known, *news], by, runs.now()))
        self._refuse_new(known, news)
        self._keep(news)
        return news

    def refuse(self, news: Sequence[Decision]) -> None:
        """Raise Contradiction for decisions that oppose what is in force; nothing is recorded."""
        self._refuse_new(stored(self._con), news)

    def add(self, news: Sequence[Decision]) -> None:
        """Record decisions that were made elsewhere, all or none of them; raises Contradiction."""
        self.refuse(news)
        self._keep(news)

    def listed(self) -> list[Listed]:
        """All decisions with what has become of them, the oldest first."""
        return listed(self._con, runs.now())

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
        places: dict[str, str] = {}
        news: dict[str, Decision] = {}
        for number, decision in read_decisions_file(file):
            if ours.get(decision.id, news.get(decision.id, decision)) != decision:
                raise InputError(
                    f"{file}:{number}: decision {decision.id} is known with another content",
                    "a decision is never changed: give the line an id of its own",
                )
            if decision.id not in ours:
                news[decision.id] = decision
                places.setdefault(decision.id, f"{file}:{number}")
        self._refuse_new(known, list(news.values()), places)
        self._keep(list(news.values()))
        return len(news)

    def _hearing(self, claims: Sequence[Claim], known: Sequence[Decision]) -> Hearing:
        return Hearing(self._con, claims, known, runs.now(), self._settings.second_steward_above)

    def _refuse_new(
        self, known: Sequence[Decision], news: Sequence[Decision], places: Mapping[str, str] | None = None
    ) -> None:
        """Raise Contradiction for what the news oppose; what opposed each other before stays to be decided.

        What waits for a second steward is held against the others as if it had him.
        """
        at = runs.now()
        ids = {new.id for new in news}
        bound = {decision.id for decision in binding(self._con, in_force(known, at))}
        old = {chain[0].id for chain in contradictions(in_force(known, at))}
        whole = in_force([*known, *(new.model_copy(update={"needs_second": False}) for new in news)], at)
        held = [decision for decision in whole if decision.id in ids | bound]
        chains = [chain for chain in contradictions(spread(self._con, held)) if chain[0].id not in old]
        if not chains or places is None:
            refuse(chains)
            return
        said = [
            f"{', '.join(sorted(places[d.id] for d in chain if d.id in places))}: these verdicts cannot all hold:\n"
            + "\n".join(told(chain))
            for chain in chains
        ]
        raise Contradiction("\n".join(said), "nothing was taken in: take out or correct these lines")

    def _keep(self, news: Sequence[Decision]) -> None:
        """Let all of the news be in force, or none; raises KeptElsewhere where they are, but not in every place."""
        if not news:
            return
        known = stored(self._con)
        try:
            with workspace_told():
                store(self._con, in_order([*known, *news]))
                written = write_decisions(self._con, self._graph)
        except StoreError as error:
            with suppress(duckdb.Error):  # or the next verdict would bring them along
                store(self._con, known)
            raise type(error)(f"{error.message}; {_unsure(error)}", error.hint) from error
        try:
            append_decisions(self._file, in_order(news))
            with workspace_told():
                note_written(self._con, self._graph, written)
        except StoreError as error:
            raise KeptElsewhere(f"{error.message}; what was decided is in the graph, and in force", _LATER) from error


def _unsure(error: StoreError) -> str:
    """What became of verdicts that the graph was to get: a server that goes may have kept them before."""
    return "see `decisions list` for what was kept" if isinstance(error, ServerDown) else "nothing was decided"


@contextmanager
def open_ledger(project: Project, environ: Mapping[str, str], progress: Progress) -> Iterator[Ledger]:
    """The project's ledger, held alone; starts no server. Raises Busy during a run, ServerDown, StoreError."""
    with (
        folder_locked(project.state, "decide"),
        room_on_disks(project.state),
        open_graph(project, environ) as graph,
        open_stages(project) as con,
    ):
        migrate(graph)
        with graph_locked(graph, "decide", progress):
            yield Ledger(con, graph, project.decisions, project.settings.review)


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
