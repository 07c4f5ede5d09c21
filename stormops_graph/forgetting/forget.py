"""Forget people: find them, say what would go, and erase it wherever it is.

Invariant: an erasure is on the disk before anything is erased, so that no run reads them again; the workspace, by which
they are found, goes last. A `forget` that was cut short anywhere is carried out by the next one; of people who are
forgotten a second one does nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from stormops_graph import runs
from stormops_graph.adapters.migrations import migrate
from stormops_graph.adapters.neo4j import Neo4jGraph
from stormops_graph.adapters.postgres import PostgresOutputs
from stormops_graph.errors import Incomplete, InputError, NotFound
from stormops_graph.forgetting.copies import Copies, Left
from stormops_graph.forgetting.graph import audit_row, erase_from_graph
from stormops_graph.forgetting.journals import Journals
from stormops_graph.forgetting.keyed import ensure_key, keyed
from stormops_graph.forgetting.marks import marks_of
from stormops_graph.forgetting.mentions import Mentions
from stormops_graph.forgetting.people import People, find_people
from stormops_graph.forgetting.pseudonyms import Pseudonyms
from stormops_graph.ledger.bindings import stored
from stormops_graph.ledger.decisions import in_order
from stormops_graph.ledger.erasures import (
    Erasure,
    Suppressed,
    append_erasures,
    kept_erasures,
)
from stormops_graph.lookup.find import Identifier
from stormops_graph.ports import Progress
from stormops_graph.project import Project
from stormops_graph.runs.locks import folder_locked, graph_locked
from stormops_graph.services.aside import sweep
from stormops_graph.services.local import up
from stormops_graph.stewardship.ledger import take_in
from stormops_graph.stores import open_graph, open_outputs, open_stages
from stormops_graph.tables import Connection
from stormops_graph.writeback.commissions import touch_output
from stormops_graph.writeback.history import TOUCHES


@dataclass(frozen=True)
class Request:
    """Who is to be forgotten, by whose word and why; `until` ends what keeps them from being read again."""

    identifiers: tuple[Identifier, ...]
    households: tuple[str, ...]
    by: str
    reason: str = ""
    until: datetime | None = None


@dataclass(frozen=True)
class Preview:
    """What an erasure takes away, how much of each kind, and what it must leave to others."""

    counts: dict[str, int]
    left: tuple[Left, ...]
    earlier: Erasure | None = None  # they are forgotten already


class Forgetting:
    """An erasure that can be looked at and then carried out; made by `open_forgetting`."""

    def __init__(self, project: Project, con: Connection, graph: Neo4jGraph, request: Request) -> None:
        self._project, self._con, self._graph, self._request = project, con, graph, request
        self._now = runs.now()
        self._names = Pseudonyms(ensure_key(project.forgetting_key))
        self._people = _found(con, graph, request)
        mentions = Mentions(self._people)
        if mentions.in_text(request.reason):
            raise InputError(
                "--reason names somebody who is to be forgotten, and it is kept",
                "name the request, as in a ticket number",
            )
        self._journals = Journals(project, self._people, mentions, self._names)
        self._copies = Copies(project, self._people, mentions, self._names, self._journals.decision)

    @property
    def preview(self) -> Preview:
        """What would go, and what would be left; nothing is changed."""
        if not self._people.records:
            return Preview({}, (), self._earlier())
        counts = {**self._people.counts(), **self._journals.counts()}
        return Preview({kind: number for kind, number in counts.items() if number}, tuple(self._copies.left()))

    def carry_out(self, outputs: PostgresOutputs) -> Erasure:
        """Erase; the entry that is kept of it."""
        take_in(self._con, self._graph, self._project.decisions)
        counts = self.preview.counts
        before = stored(self._con)  # as the graph has them: the file may be past an attempt that was cut short
        verdicts = [said for said in map(self._journals.decision, before) if said not in before]
        erasure = self._kept(counts)
        self._journals.erase()
        self._copies.erase()
        self._rename(outputs)
        audit = audit_row(runs.new_run(self._now), self._now, erasure.by, erasure.id, counts)
        erase_from_graph(self._graph, self._people, self._names, in_order(verdicts), audit)
        return erasure

    def left(self) -> list[Left]:
        """What still shows them afterwards and is not ours to change."""
        return self._copies.left()

    def _kept(self, counts: dict[str, int]) -> Erasure:
        """The entry of this erasure: a new one, or that of an attempt that was cut short."""
        known = kept_erasures(self._project.forgotten)
        marks = self._marks()
        hashes = {one.hash for one in marks}
        for erasure in reversed(known):
            if hashes and hashes <= {one.hash for one in erasure.suppressed}:
                return erasure
        made = Erasure(
            id=str(uuid.uuid4()),
            by=self._request.by,
            at=self._now,
            reason=self._request.reason,
            counts=counts,
            asked=tuple(self._asked()),
            suppressed=tuple(sorted(marks, key=lambda one: (one.mark, one.hash))),
        )
        append_erasures(self._project.forgotten, [made])
        return made

    def _marks(self) -> list[Suppressed]:
        settings = self._project.settings.privacy
        end = self._request.until or self._now + timedelta(days=settings.forgotten_days)
        number_end = min(end, self._now + timedelta(days=settings.phone_days))
        return marks_of(self._people, self._names.key, end, number_end)

    def _asked(self) -> list[str]:
        """Hashes of what is asked for, by which a second request is known."""
        identifiers = [(f"asked {one.kind}", one.value) for one in self._request.identifiers]
        households = [("asked household", one) for one in self._request.households]
        return sorted(keyed(self._names.key, mark, value) for mark, value in (*identifiers, *households))

    def _earlier(self) -> Erasure | None:
        """The erasure that holds all that is asked for; raises NotFound where there is none."""
        asked = set(self._asked())
        for erasure in reversed(kept_erasures(self._project.forgotten)):
            if asked <= set(erasure.asked):
                return erasure
        raise NotFound("nobody is known by that", "look first: stormops-graph find, with the same identifiers")

    def _rename(self, outputs: PostgresOutputs) -> None:
        """Let the touch credits in Postgres, and their history, go by the names that the graph's journeys get."""
        touches = {one: self._names.of_touch(one) for one in self._people.touches}
        households = {one: self._names.of_household(one) for one in self._people.households}
        for output in (touch_output(), TOUCHES.output()):
            outputs.rename(output, "touch_id", touches)
            outputs.rename(output, "journey_id", households, ending="event_id")


@contextmanager
def open_forgetting(
    project: Project, environ: Mapping[str, str], request: Request, progress: Progress
) -> Iterator[Forgetting]:
    """Find the people of a request and hold the stores; local servers are started.

    Raises Incomplete where the last resolve is not this workspace's, Busy during a run.
    """
    with folder_locked(project.state, "forget"):
        sweep(project.state)
        with progress.stage("servers"):
            up(project, environ, progress)
        with open_graph(project, environ) as graph:
            migrate(graph)
            with graph_locked(graph, "forget", progress), open_stages(project) as con:
                yield Forgetting(project, con, graph, request)


def forget(
    project: Project, environ: Mapping[str, str], request: Request, progress: Progress
) -> tuple[Erasure, list[Left]]:
    """Forget the people of a request; the entry that is kept, and what still shows them and is not ours to change."""
    with open_forgetting(project, environ, request, progress) as found:
        earlier = found.preview.earlier
        if earlier is not None:
            return earlier, []
        with progress.stage("erase"), open_outputs(project, environ) as outputs:
            erasure = found.carry_out(outputs)
        left = found.left()
    drop_workspace(project)
    return erasure, left


def drop_workspace(project: Project) -> None:
    """Remove the workspace with all that DuckDB keeps beside it; the next resolve makes it anew."""
    for file in project.state.glob("workspace*"):
        if file.is_file():
            file.unlink()


def _found(con: Connection, graph: Neo4jGraph, request: Request) -> People:
    """The people of a request, by the workspace; raises Incomplete where that is not what the graph holds."""
    complete = runs.of_workspace(con) == runs.last_complete(graph)
    if not complete and _in_graph(graph, request):
        raise Incomplete(
            "the workspace is not that of the last resolve, and people are found by it",
            "run it first: stormops-graph resolve",
        )
    return find_people(con, request.identifiers, tuple(_followed(graph, one) for one in request.households))


def _followed(graph: Neo4jGraph, household: str) -> str:
    """What a household's id became."""
    rows = graph.read("read/home", household_id=household, at=runs.now())
    return next((str(row["household_id"]) for row in rows), household)


def _in_graph(graph: Neo4jGraph, request: Request) -> bool:
    keys = [one.key for one in request.identifiers]
    held = any(graph.read("read/homes_of_identifiers", asked={"keys": keys}, at=runs.now())) if keys else False
    return held or any(any(graph.read("read/home", household_id=one, at=runs.now())) for one in request.households)
