"""A household that is split and merged again is what it was, in members, journeys and ids; verdicts are few."""

from __future__ import annotations

import itertools
import random
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormops_graph.attribution.worlds import journeys_of_all
from stormops_graph.cluster.clustering import cluster
from stormops_graph.errors import InputError, Mistyped, NotFound
from stormops_graph.graph.traces import trace_all
from stormops_graph.ingest import discover, ingest
from stormops_graph.journeys.storms import place_storms
from stormops_graph.ledger.bindings import bind, store, stored
from stormops_graph.ledger.decisions import Decision, Level, Verdict, contradictions, groups, in_force
from stormops_graph.ledger.partings import Joining, Parting, Wish, parting
from stormops_graph.link.linkage import link
from stormops_graph.normalise import normalise
from stormops_graph.rules.model import read_model
from stormops_graph.rules.ruleset import ClusterRules, read_rules
from stormops_graph.simulation import simulate
from stormops_graph.tables import LAST_MEMBERSHIP, USED_ID, Connection

NAMESPACE = uuid.UUID(int=7)
MAY = datetime(2024, 5, 1)
SAID = ("membership", "person", "residence", "journey", "journey_touch")


class Town:
    """A small world whose feeds were read once; households are worked out again and again."""

    def __init__(self, folder: Path) -> None:
        self.con: Connection = duckdb.connect()
        with as_file(files("stormops_graph.matching_rules")) as shipped:
            self.rules: ClusterRules = read_rules(shipped).household.cluster
            self.place_at_least = read_rules(shipped).session.place_at_least
            ingest(self.con, discover(folder), folder)
            normalise(self.con, shipped)
            link(self.con, read_rules(shipped), read_model(read_rules(shipped)))
        LAST_MEMBERSHIP.create(self.con)
        USED_ID.create(self.con)
        self.tick = 0
        store(self.con, [])
        self.resolve()
        self.recall()

    def resolve(self) -> dict[str, list[Any]]:
        """Households and journeys by the verdicts of now."""
        bind(self.con, MAY)
        cluster(self.con, self.rules, self.place_at_least, NAMESPACE)
        place_storms(self.con)
        trace_all(self.con)
        journeys_of_all(self.con)
        return {name: self.con.execute(f"SELECT * FROM {name} ORDER BY ALL").fetchall() for name in SAID}

    def recall(self) -> None:
        """Let the next run know the ids of this one."""
        LAST_MEMBERSHIP.create(self.con)
        self.con.execute("INSERT INTO last_membership SELECT record, person, household FROM membership ORDER BY ALL")
        self.con.execute("INSERT INTO used_id SELECT * FROM identity ANTI JOIN used_id USING (level, id)")

    def obey(self, wish: Wish) -> list[Decision]:
        """As an amendment does it, but for the stores."""
        known = stored(self.con)
        news = more = wish.news(self.con, known, self.moment(), 0)
        while more or news is more:
            store(self.con, [*known, *news])
            self.resolve()
            more = wish.rest(self.con, [*known, *news], self.moment(), 0)
            news = [*news, *more]
        assert contradictions(in_force([*known, *news], MAY)) == []
        self.recall()
        return news

    def moment(self) -> datetime:
        self.tick += 1
        return datetime(2024, 4, 1, 0, self.tick // 60, self.tick % 60)

    def homes(self) -> dict[str, list[str]]:
        rows = self.con.execute(
            "SELECT household, list_sort(list(DISTINCT record)) FROM membership GROUP BY 1 ORDER BY 1"
        )
        return dict(rows.fetchall())


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("world")
    simulate(folder, 40, 4)
    made = Town(folder)
    yield made
    made.con.close()


def test_a_split_parts_its_records_and_a_merge_restores_everything(town: Town) -> None:
    dice = random.Random(3)
    before = town.resolve()
    several = [household for household, records in town.homes().items() if len(records) > 2]
    for household in dice.sample(several, 2):
        others = town.homes().keys() - {household}
        members = town.homes()[household]
        part = dice.sample(members, dice.randint(1, len(members) - 1))
        said = town.obey(Parting(household, tuple(part), "ana", "two families"))
        assert len(said) <= len(members) - 1
        homes = {home: set(records) for home, records in town.homes().items() if home not in others}
        (other,) = [home for home, records in homes.items() if records & set(part)]
        assert homes.pop(other) == set(part)
        assert household in (other, *homes)
        rest = next(home for home, records in homes.items() if records & set(members))
        town.obey(Joining(other, rest, "ana", "one family after all"))
        assert town.resolve() == before


def test_a_split_can_be_made_twice_and_says_nothing_the_second_time(town: Town) -> None:
    household, members = next((home, records) for home, records in town.homes().items() if len(records) > 3)
    assert town.obey(Parting(household, (members[0],), "ana", "moved out"))
    other = next(home for home, records in town.homes().items() if members[0] in records)
    assert parting([members[0]], members[1:], in_force(stored(town.con), MAY)) == []
    town.obey(Joining(household, other, "ben", "moved in again"))
    assert town.homes()[household] == members


def test_strangers_are_held_together_by_a_verdict_and_part_again(town: Town) -> None:
    before = sorted(town.homes().values())
    one, other = [home for home, records in town.homes().items() if len(records) > 2][:2]
    members = {*town.homes()[one], *town.homes()[other]}
    said = town.obey(Joining(one, other, "ana", "she told me"))
    assert {(verdict.verdict, verdict.level) for verdict in said} == {(Verdict.same, Level.household)}
    dated = {record for record, times in Counter(row[0] for row in town.resolve()["membership"]).items() if times > 1}
    assert any(members - dated <= set(records) for records in town.homes().values())
    withdrawn = {"verdict": Verdict.withdrawn, "at": datetime(2024, 4, 30)}
    store(town.con, [*stored(town.con), *(one.model_copy(update={**withdrawn, "id": f"-{one.id}"}) for one in said)])
    town.resolve()
    assert sorted(town.homes().values()) == before  # an id that ended is not given again


def test_what_is_no_part_is_refused(town: Town) -> None:
    (one, members), (other, strangers) = list(town.homes().items())[:2]
    for records, wrong in ((strangers[:1], "is not of household"), (members, "not all"), ([], "not all")):
        with pytest.raises(InputError, match=wrong):
            Parting(one, tuple(records), "ana", "no").news(town.con, [], MAY, 0)
    with pytest.raises(NotFound, match="no household nobody"):
        Parting("nobody", (), "ana", "no").news(town.con, [], MAY, 0)
    with pytest.raises(NotFound, match="no household nobody"):
        Joining(other, "nobody", "ana", "no").news(town.con, [], MAY, 0)
    with pytest.raises(Mistyped, match="same household"):
        Joining(one, one, "ana", "no").news(town.con, [], MAY, 0)


RECORDS = "abcdefg"
PAIRS = list(itertools.combinations(RECORDS, 2))


@given(
    st.sets(st.sampled_from(RECORDS), min_size=1, max_size=6),
    st.lists(st.tuples(st.sampled_from(PAIRS), st.sampled_from([Verdict.same, Verdict.different])), max_size=5),
)
def test_verdicts_are_as_few_as_bind(part: set[str], earlier: list[tuple[tuple[str, str], Verdict]]) -> None:
    rest = set(RECORDS) - part
    held: list[Decision] = []
    for pair, verdict in earlier:
        inside = set(pair) <= part or set(pair) <= rest
        if inside == (verdict is Verdict.same):  # what opposes the parting is refused by the ledger
            held = in_force([*held, decision(len(held), pair, verdict)], MAY)
    said = parting(part, rest, held)
    after = [*held, *(decision(50 + i, (min(a, b), max(a, b)), v) for i, (a, b, v) in enumerate(said))]
    assert binds(part, rest, after)
    for left_out in range(len(said)):
        assert not binds(part, rest, after[: len(held) + left_out] + after[len(held) + left_out + 1 :])
    assert parting(part, rest, after) == []


def decision(number: int, pair: tuple[str, str], verdict: Verdict) -> Decision:
    at = datetime(2024, 1, 1, 0, number)
    return Decision(
        id=str(number), left=pair[0], right=pair[1], verdict=verdict, level=Level.household, by="ana", at=at, reason="r"
    )


def binds(part: set[str], rest: set[str], held: list[Decision]) -> bool:
    group = groups(held, Level.household)
    of = {record: group.get(record, record) for record in RECORDS}
    apart = {frozenset(of[r] for r in d.pair) for d in held if d.parts(Level.household)}
    ours = {of[record] for record in part}
    return len(ours) == 1 and all(frozenset((*ours, of[record])) in apart for record in rest)
