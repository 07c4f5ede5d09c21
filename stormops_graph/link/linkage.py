"""The link stage: records in, `pair` with evidence out."""

from __future__ import annotations

from stormops_graph.link.bridges import weigh_bridges
from stormops_graph.link.homes import place_addresses
from stormops_graph.link.leftovers import find_leftovers
from stormops_graph.link.namesakes import with_asides
from stormops_graph.link.pairs import weigh_pairs, write_pairs
from stormops_graph.link.profiles import make_profiles
from stormops_graph.link.renewal import renewed_pairs
from stormops_graph.link.scoring import market, score_pairs
from stormops_graph.link.sessions import weigh_sessions
from stormops_graph.link.sharing import find_shared
from stormops_graph.ports import UNWATCHED, Task
from stormops_graph.rules.model import Model
from stormops_graph.rules.ruleset import Rules
from stormops_graph.tables import Connection


def link(con: Connection, rules: Rules, model: Model, task: Task = UNWATCHED) -> None:
    """Read record, holding, property and placeholder; write shared_identifier, address_home, pair, candidate,
    bridged and leftover.
    """
    task.total(5)
    compare_records(con, rules, model, task)
    weigh_sessions(con, rules.session)
    weigh_bridges(con)
    find_leftovers(con, rules.household.cluster.household_at_least)
    task.advance()


def profile_records(con: Connection, rules: Rules, model: Model, task: Task = UNWATCHED) -> float:
    """What records are compared by, in two steps: homes, shared identifiers, names. How many people the market has."""
    place_addresses(con, rules.household.address)
    task.advance()
    find_shared(con, rules.household.shared)
    people = market(con, rules)
    make_profiles(con, rules.nicknames, model, people)
    task.advance()
    return people


def compare_records(con: Connection, rules: Rules, model: Model, task: Task = UNWATCHED) -> None:
    """All but the anonymous cookies, in four steps."""
    people = profile_records(con, rules, model, task)
    matching = with_asides(con, rules)
    with renewed_pairs(con, matching, model, people) as due:
        score_pairs(con, matching, model, people, due)
        task.advance()
        weigh_pairs(con, matching, model, people)
        write_pairs(con, due)
    task.advance()
