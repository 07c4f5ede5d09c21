"""Splits, merges and verdicts that take effect at once: graph, credits and the next runs agree, on real servers."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from shared_servers import Run, Servers

from stormops_graph.attribution.interim import INTERIM
from stormops_graph.project import Project
from stormops_graph.stores import open_stages

HELD = """
MATCH (r:Record)-[m:RESOLVES_TO]->(x)
OPTIONAL MATCH (x)-[:MEMBER_OF]->(h:Household)
RETURN r.record AS record, CASE WHEN x:Person THEN x.person_id END AS person,
       coalesce(h.household_id, x.household_id) AS household ORDER BY record, person, household
"""
JOURNEYS = """
MATCH (j:Journey)-[s:HAS_TOUCH]->(t:Touch)
RETURN j.journey_id AS journey, j.zip_code AS zip, j.converted AS converted, s.position AS position,
       t.touch_id AS touch, s.credit AS credit ORDER BY journey, position
"""


def ask(servers: Servers, query: str) -> list[Any]:
    with servers.driver() as driver:
        return [row.data() for row in driver.execute_query(query).records]


def done(run: Run, *words: str) -> dict[str, Any]:
    code, out, err = run(*words, "--json")
    assert code == 0, err
    return dict(json.loads(out))


def credits(run: Run) -> dict[tuple[str, ...], tuple[float, float, float, str]]:
    rows = done(run, "credits")["credits"]
    key = ("event_id", "zip_code", "dimension", "key")
    return {tuple(row[name] for name in key): (row["credit"], row["low"], row["high"], row["interval"]) for row in rows}


def test_a_split_and_its_merge_are_in_graph_and_credits_at_once(
    run: Run, servers: Servers, clean_postgres: Servers, tmp_path: Path
) -> None:
    assert run("split", "nobody", "--records", "a", "--reason", "x")[0] == 8  # nothing was resolved yet
    done(run, "resolve")
    done(run, "attribute")
    held, journeys, before = ask(servers, HELD), ask(servers, JOURNEYS), credits(run)
    household, records = of_a_paid_journey(servers)
    named = ("split", household, "--records", ",".join(records[:1]), "--reason", "two homes")

    looked = done(run, *named, "--plan")
    assert (looked["report"], looked["plan"]["households"]["split"]) == (None, 1)
    assert ask(servers, "MATCH (d:Decision) RETURN d") == [] and ask(servers, HELD) == held
    assert "It would be said" in run(*named, "--plan")[1]

    split = done(run, *named)
    assert split["plan"]["households"] == looked["plan"]["households"] and len(split["decisions"]) == len(records) - 1
    assert split["report"]["credited"]
    assert run("verify")[0] == 0
    now = {row["record"]: row["household"] for row in ask(servers, HELD)}
    assert household in {now[record] for record in records} and len({now[record] for record in records}) > 1
    amended, paid, interim = ask(servers, HELD), ask(servers, JOURNEYS), credits(run)
    assert taken(paid) != taken(journeys)
    commissions = tmp_path / "commissions.csv"
    assert run("export", "commissions", "--out", str(commissions))[0] == 0  # the books are whole at any time
    again = done(run, "resolve")
    assert again["nothing_changed"], again["changes"]
    done(run, "attribute")
    settled = ask(servers, JOURNEYS)
    assert ask(servers, HELD) == amended and taken(settled) == taken(paid)
    check_touches(journeys, paid, settled)
    check_interim(interim, credits(run))

    one, other = household, next(now[record] for record in records if now[record] != household)
    merged = done(run, "merge", one, other, "--reason", "one home after all")
    assert {said["verdict"] for said in merged["decisions"]} == {"withdrawn"}
    assert ask(servers, HELD) == held and taken(ask(servers, JOURNEYS)) == taken(journeys)
    check_touches(settled, ask(servers, JOURNEYS), journeys)
    whole = [key for key in before if key[1] == "ALL"]
    assert [credits(run)[key][0] for key in whole] == [before[key][0] for key in whole]
    shown = [row for row in json.loads(run("runs", "list", "--json")[1])["runs"] if row["kind"] == "amend"]
    assert len(shown) == 2 and "verdicts given with it" in run("runs", "show", shown[0]["run_id"])[1]


def taken(journeys: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The journeys without what their touches earned."""
    return [{name: value for name, value in row.items() if name != "credit"} for row in journeys]


def check_touches(before: list[Any], amended: list[Any], after: list[Any]) -> None:
    """Touches of journeys that changed earn what the next attribute gives them, the others what they did."""
    had, settled = ({(row["journey"], row["position"]): row for row in rows} for rows in (before, after))
    as_before = {row["journey"] for row in amended}
    for rows, others in ((before, amended), (amended, before)):
        known = [{**row, "credit": None} for row in others]
        as_before -= {row["journey"] for row in rows if {**row, "credit": None} not in known}
    assert as_before and as_before != {row["journey"] for row in amended}
    for row in amended:
        of = had if row["journey"] in as_before else settled
        assert row["credit"] == of[row["journey"], row["position"]]["credit"]


def check_interim(interim: dict[tuple[str, ...], Any], full: dict[tuple[str, ...], Any]) -> None:
    """An amendment's shares are those of the next attribute; its intervals hold them and say what they are."""
    assert interim.keys() == full.keys()
    for key, (share, low, high, _) in full.items():
        # A ZIP's share is drawn, and the wider its interval, the more so.
        assert interim[key][0] == (share if key[1] == "ALL" else pytest.approx(share, abs=0.003 + (high - low) / 10))
    marked = [values for values in interim.values() if values[3].endswith(INTERIM)]
    assert marked
    assert all(low <= share <= high for share, low, high, _ in marked)
    assert not any(kind.endswith(INTERIM) for *_, kind in full.values())


def of_a_paid_journey(servers: Servers) -> tuple[str, list[str]]:
    """A household with several records that touched in one converting journey; those of touches first."""
    (found,) = ask(
        servers,
        "MATCH (h:Household)-[:TOOK]->(j:Journey {converted: true})-[:HAS_TOUCH]->(:Touch)-[:BY]->(r:Record) "
        "WITH h, j, collect(DISTINCT r.record) AS paid WHERE size(paid) > 1 "
        "WITH h, paid ORDER BY size(paid) DESC, j.journey_id LIMIT 1 "
        "CALL (h) { MATCH (h)<-[:MEMBER_OF|RESOLVES_TO*1..2]-(r:Record) RETURN collect(DISTINCT r.record) AS all } "
        "RETURN h.household_id AS household, paid, all",
    )
    paid = sorted(found["paid"])
    return found["household"], paid + sorted(set(found["all"]) - set(paid))


def test_a_merge_that_is_undone_gives_the_old_id_back(run: Run, servers: Servers, clean_postgres: Servers) -> None:
    done(run, "resolve")
    held = ask(servers, HELD)
    homes = sorted({row["household"] for row in held if row["person"]})[:2]
    code, out, err = run("merge", *homes, "--reason", "one home")
    assert code == 0, err
    (ended,) = set(homes) - {row["household"] for row in ask(servers, HELD)}
    assert done(run, "household", ended)["household_id"] != ended
    (back,) = re.findall(r"to take it back: stormops-graph (.*)", out)
    assert run(*back.split(), "0000000")[0] == 1  # with one that is none, none is taken back
    assert done(run, "resolve")["nothing_changed"]
    assert run(*back.split())[0] == 0
    done(run, "resolve")
    assert ask(servers, HELD) == held
    assert done(run, "household", ended)["household_id"] == ended
    assert done(run, "resolve")["nothing_changed"]
    assert run("verify")[0] == 0


def test_a_verdict_takes_effect_now_and_a_stale_workspace_is_refused(
    run: Run, servers: Servers, clean_postgres: Servers, tmp_path: Path
) -> None:
    done(run, "resolve")
    household, (one, other, *_) = of_a_paid_journey(servers)
    made = done(run, "decide", one, other, "different", "--reason", "two homes", "--now")
    assert made["report"]["credited"] == []  # nobody has credited anything yet
    homes = {row["record"]: row["household"] for row in ask(servers, HELD) if row["record"] in (one, other)}
    assert len(set(homes.values())) == 2 and household in homes.values()
    assert done(run, "resolve")["nothing_changed"]
    with open_stages(Project.open(tmp_path / "project")) as con:
        kept = con.execute("FROM carried WHERE name = 'settled'").fetchall()
        con.execute("UPDATE carried SET made_by = 'an older release' WHERE name = 'settled'")
    code, _, err = run("split", household, "--records", one, "--reason", "x")
    assert (code, "another version of the software" in err) == (8, True)
    with open_stages(Project.open(tmp_path / "project")) as con:
        con.execute("UPDATE carried SET made_by = ? WHERE name = ?", kept[0][::-1])
    rules = tmp_path / "project" / "matching_rules" / "household.toml"
    rules.write_text(rules.read_text() + "# a note\n")
    code, _, err = run("split", household, "--records", one, "--reason", "x")
    assert (code, "rules have changed" in err) == (8, True)
    assert run("split", household, "--records", one)[0] == 2  # without a reason
