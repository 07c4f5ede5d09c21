from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from rich.console import Console

from stormops_graph.chances import chance, percent
from stormops_graph.cli.books import show_books
from stormops_graph.cli.credit_tables import show_credits
from stormops_graph.cli.evaluation_tables import show_evaluation
from stormops_graph.cli.home_screen import home_as_dict, show_homes
from stormops_graph.cli.plan_tables import show_plan
from stormops_graph.cli.progress import Bars, Lines, progress_for
from stormops_graph.cli.reasons import show_history
from stormops_graph.cli.report_tables import show_run
from stormops_graph.cli.screen import fitted, grid, seconds
from stormops_graph.cli.shared import show_shared
from stormops_graph.cli.waterfall import Waterfall, waterfall
from stormops_graph.counts import count
from stormops_graph.evaluation.findings import Evaluation, Judged, JudgedLevel, JudgedPairs
from stormops_graph.lookup.find import Evidence, Held, Home, Identifier, Likely, Member
from stormops_graph.lookup.history import Event
from stormops_graph.lookup.parts import Part, agreeing, in_words
from stormops_graph.lookup.reasons import Link
from stormops_graph.plain_text import plain
from stormops_graph.reports.attribution import AttributionReport
from stormops_graph.reports.feeds import FeedRows
from stormops_graph.reports.plan import Moves, Plan, StormPlan
from stormops_graph.reports.run import Change, Largest, Quarantined, RunReport
from stormops_graph.stewardship.books import Books
from stormops_graph.stewardship.shared import SharedIdentifier

MODELS = (
    "markov", "shapley", "hybrid", "first_touch", "last_touch", "linear", "time_decay", "position_based",
)  # fmt: skip


def console(*, terminal: bool = False) -> Console:
    return Console(file=io.StringIO(), width=80, force_terminal=terminal, highlight=False, _environ={})


def text(on: Console) -> str:
    assert isinstance(on.file, io.StringIO)
    return on.file.getvalue()


def fits(on: Console) -> bool:
    return max(len(line) for line in text(on).splitlines()) <= 80


def report(**more: Any) -> RunReport:
    return RunReport(
        run="20240528T130000Z-ab12cd34",
        started_at=datetime(2024, 5, 28, 13),
        finished_at=datetime(2024, 5, 28, 13, 1, 30),
        feeds=[FeedRows(feed="crm_contacts", rows=1_234_567, quarantined=2, repeats=3, files=1, aside=2)],
        quarantine=[
            Quarantined(feed="crm_contacts", field=None, reason="no identifier", rows=2),
            Quarantined(feed="crm_contacts", field="phone", reason="unusable phone", rows=7, kept=True),
        ],
        records=900, persons=500, households=300, households_with_home=290,
        pairs={"phone": 20},
        largest=Largest(household="7c9e6679-7425-40de-944b-e07fc1f90ae7", records=12, persons=4),
        seconds={"ingest": 1.25, "link": 10},
        **more,
    )  # fmt: skip


def test_a_report_says_what_happened_in_80_columns() -> None:
    on = console()
    show_run(on, report(changes={"Household": Change(new=3), "HAS": Change(new=4, gone=1), "BY": Change(new=1)}))
    assert fits(on)
    said = re.sub(" +", " ", text(on))
    for line in ("crm_contacts 1 1,234,572 3 2 1,234,567", "no identifier 2", "Rows used without one value",
                 "phone unusable phone 7", "households 300", "Household 3 0 0",
                 "relationships 5 0 1", "ingest 1.2 · link 10.0", "(1 min 30 s)"):  # fmt: skip
        assert line in said
    assert "SIMULATED" not in said


def test_a_run_without_news_says_that_nothing_was_written() -> None:
    on = console()
    show_run(on, report(changes={"Household": Change()}, simulated=True))
    assert "nothing has changed: nothing was written" in text(on)
    assert "SIMULATED" in text(on)


def credit(key: str, share: float, model: str = "markov", interval: str = "event") -> dict[str, Any]:
    low, high = (share - 0.05, share + 0.1) if model == "markov" else (None, None)
    return {"key": key, "model": model, "credit": share, "low": low, "high": high, "conversions": 31 * share,
            "interval": interval, "raw": share - 0.02, "own": 0.62, "shift": 0.0123}  # fmt: skip


def area(zip_code: str | None, interval: str = "event", conversions: int = 31) -> dict[str, Any]:
    channels = [
        credit(key, share, model, interval) for model in MODELS for key, share in (("sms", 0.25), ("call", 0.75))
    ]
    return {"event_id": "DFW_STORM_24", "zip_code": zip_code, "journeys": 61, "conversions": conversions,
            "channels": channels if conversions else [], "plays": [credit("Impact_Report_Premium", 1.0)]}  # fmt: skip


def credits(zip_code: str | None = None) -> str:
    zips = [area(f"752{i:02}", "pooled", conversions=i) for i in range(13)]
    areas = [area(None), *zips] if zip_code is None else [area(zip_code, "pooled")]
    on = console()
    show_credits(on, AttributionReport(published_model="markov", areas=areas, simulated=True), zip_code)
    assert fits(on)
    return text(on)


def test_books_break_no_name_of_a_play() -> None:
    held: dict[str, Any] = {
        "event_id": "DFW_STORM_24", "zip_code": "UNKNOWN", "dimension": "play", "key": "Impact_Report_Standard",
        "credit": 0.019, "low": 0.003, "high": 0.051, "conversions": 1.1, "model": "markov",
        "valid_from": datetime(2026, 11, 29, 19, 54),
    }  # fmt: skip
    show_books(on := console(), Books(None, None, [held], []), False)
    said = text(on)
    assert "  DFW_STORM_24  UNKNOWN  Impact_Report_Standard   1.9 %      0.3 – 5.1    1.1" in said
    assert "no room for: since, UTC" in said


def test_credits_are_ranked_with_bars_intervals_and_conversions() -> None:
    said = credits()
    call, sms = (next(line for line in said.splitlines() if line.startswith(f"  {key} ")) for key in ("call", "sms"))
    assert re.fullmatch(r"  call +75\.0 %  [█▒░]{14}  +70\.0 – +85\.0 % +23\.2 *", call)
    assert said.index(call) < said.index(sms)
    assert "position" in said
    assert "causal" in said
    assert "SIMULATED" in said


def test_the_two_channels_that_carry_a_play_most_are_told() -> None:
    whole = area(None)
    play = {**whole["channels"][0], "key": "Impact_Report_Standard", "model": "markov"}
    parts = (("call", 0.5, 0.4, 0.62), ("door_knock", 0.3, 0.2, 0.4), ("sms", 0.2, 0.1, 0.3))
    carriers = [
        {"play": play["key"], "channel": channel, "part": part, "low": low, "high": high}
        for channel, part, low, high in parts
    ]
    on = console()
    areas = [{**whole, "plays": [play], "play_channels": carriers}]
    show_credits(on, AttributionReport(published_model="markov", areas=areas), None)
    assert fits(on)
    assert "Impact_Report_Standard  call 50 % (40 – 62), door_knock 30 % (20 – 40)\n" in re.sub(" +\n", "\n", text(on))


def test_zip_codes_are_summed_up_by_conversions_and_pooled_ones_marked() -> None:
    said = credits()
    listed = re.findall(r"^  (752\d\d) ", said, re.MULTILINE)
    assert listed == [f"752{i:02}" for i in range(12, 2, -1)]
    assert "3 more ZIP codes" in said
    assert "%*" in said.replace(" ", "")
    assert "pooled" in said


def test_one_zip_code_is_shown_in_full() -> None:
    said = re.sub(r"\s+", " ", credits("75209"))
    assert "DFW_STORM_24, ZIP 75209" in said
    assert "62 % from its own journeys, the rest from its storm; alone: call 73.0 %, sms 23.0 %" in said
    assert "moved by persona priors, points: call +1.2, sms +1.2" in said


def test_a_storm_nobody_converted_in_is_an_answer() -> None:
    on = console()
    show_credits(on, AttributionReport(published_model="markov", areas=[area(None, conversions=0)]), None)
    assert "nobody converted" in text(on)


HOME = Home(
    "7c9e6679-7425-40de-944b-e07fc1f90ae7", "p1", "1374 Windmill Ln, Dallas", "75211", 0.97,
    asked=(Identifier("phone", "+12145550123"),),
    members=(Member("6fa459ea-ee8a-3ca4-894e-db77e160355e", "jane doe", 0.97, 4),),
    identifiers=(Held("phone", "+12145550123", False, ("calls", "crm_contacts")),
                 Held("email", "jane@mail.com", True, ("emails",))),
    evidence=(Evidence("calls:1", "crm_contacts:2", 0.98, 5.5, ("phone", "name")),),
)  # fmt: skip


def test_a_household_is_masked_unless_asked() -> None:
    on = console()
    show_homes(on, [HOME], show=False)
    assert fits(on)
    for value in ("jane", "Jane", "2145550123"):
        assert value not in text(on)
    assert "calls · crm_contacts" in text(on)
    assert "2145550123" not in str(home_as_dict(HOME, show=False))
    shown = console()
    show_homes(shown, [HOME], show=True)
    assert "Jane Doe" in text(shown)
    assert "+12145550123" in text(shown)


def test_a_home_says_of_what_it_is_sure_and_from_when_on_it_is_known() -> None:
    seen = replace(HOME, first_seen=datetime(2024, 5, 28, 13))
    on, since = console(), console()
    show_homes(on, [seen], show=False, at=datetime(2024, 5, 28))
    assert "sure   97.0 % of the record that shows it" in text(on)
    assert "nothing of it was seen before 2024-05-28" in text(on)
    assert fits(on)
    show_homes(listed := console(), [replace(HOME, by_listing=True)], show=False)
    assert "sure   97.0 % of its surest record; none shows the home as it is listed" in text(listed)
    assert fits(listed)
    show_homes(since, [replace(seen, asked=(), confidence=0.99996)], show=False, at=datetime(2024, 5, 29))
    assert "sure   > 99.9 % of a record, on average" in text(since)
    assert "nothing of it was seen" not in text(since)


def test_a_home_says_since_and_until_when_it_was_theirs() -> None:
    stay = {"lives_from": datetime(2024, 5, 1), "lives_to": datetime(2024, 9, 2)}
    for ends, said in ((stay, ", since 2024-05-01, until 2024-09-02"), ({}, "")):
        on = console()
        show_homes(on, [replace(HOME, **ends)], show=False)
        assert f"  home   *** Windmill Ln, Dallas{said}" in text(on).splitlines()


def test_a_home_without_matches_says_what_places_its_records() -> None:
    one, two = console(), console()
    show_homes(one, [replace(HOME, evidence=())], show=False)
    show_homes(two, [replace(HOME, evidence=(), records=2)], show=False)
    assert "one record only" in text(one)
    assert "no two of its records match" in text(two)
    assert "one record only" not in text(two)
    assert fits(two)


def test_the_best_homes_of_a_cookie_are_told_where_none_stands_out() -> None:
    cookie = replace(HOME, address=None, likely=(Likely("p2", "8173 Ridgecrest St", 0.713), Likely("p3", None, 0.056)))
    on = console()
    show_homes(on, [cookie], show=False)
    lines = text(on).splitlines()
    at = lines.index("  home   none stands out")
    assert lines[at + 1 : at + 3] == [
        "          71.3 %  *** Ridgecrest St, by what it showed",
        "           5.6 %  p3, by what it showed",
    ]
    assert "  sure   " not in text(on)  # of what it is alone
    assert "8173" not in str(home_as_dict(cookie, show=False))
    assert home_as_dict(cookie, show=True)["likely"][0]["address"] == "8173 Ridgecrest St"


def test_of_many_homes_that_a_cookie_may_be_of_the_best_are_told_and_how_many_are_left() -> None:
    on = console()
    show_homes(on, [replace(HOME, likely=tuple(Likely(f"p{n}", None, 0.2) for n in range(5)))], show=False)
    assert "          20.0 %  p2, by what it showed" in text(on).splitlines()
    assert "         and 2 more, of 20.0 % at most" in text(on).splitlines()
    assert "p3" not in text(on)


def test_of_one_trace_that_nothing_places_no_sureness_is_told() -> None:
    on, two = console(), console()
    show_homes(on, [replace(HOME, property_id=None, address=None)], show=False)
    assert "  sure   " not in text(on)
    show_homes(two, [replace(HOME, property_id=None, address=None, records=2)], show=False)
    assert "  sure   97.0 %" in text(two)


def test_several_households_are_listed() -> None:
    on = console()
    show_homes(on, [HOME, HOME], show=False)
    assert "2 households are possible" in text(on)
    assert fits(on)


def test_a_number_of_strangers_says_that_it_decides_nothing() -> None:
    on = console()
    show_homes(on, [replace(HOME, by_shared=True)] * 2, show=False)
    assert "strangers share it" in text(on)
    assert fits(on)


def test_what_has_to_be_typed_again_is_never_cut() -> None:
    on = console()
    table = grid("kind", "=value", "links nobody because", "since, UTC", "ruling", "reason")
    table.add_row("phone", "+12145550123", "too many homes", "2026-11-27", "blocked by ana, 2026-11-27", "x" * 50)
    on.print(table)
    assert "+12145550123" in text(on)
    assert "…" not in text(on)
    assert text(on).count("x") == 50
    assert fits(on)


@pytest.mark.parametrize("width", range(24, 60))
def test_a_narrow_screen_has_fewer_columns_and_whole_ids_and_figures(width: int) -> None:
    on = Console(file=io.StringIO(), width=width, highlight=False)
    table = grid("=case", "between", ">doubt", ">home $")
    table.add_row("3581cdb7", "calls and contacts", "21.5 %", "1,462,000")
    on.print(fitted(on, table, "home $", "doubt"))
    said = text(on)
    assert "3581cdb7" in said and "contacts" in said
    assert ("21.5 %" in said) != ("doubt" in said.partition("no room for: ")[2])
    assert ("1,462,000" in said) != ("no room for: home $" in said)
    assert max(map(len, said.splitlines())) <= width


@pytest.mark.parametrize("letters", range(20, 46))
def test_where_columns_share_the_room_no_word_is_broken(letters: int) -> None:
    on = console()
    table = grid("kind", "=value", ">people", ">records", "links nobody because", "since, UTC", "ruling")
    table.add_row("phone", "x" * letters, "35,411", "123", "placeholder", "2024-05-28", "–")
    table.add_row("email", "x" * 20, "5", "3", "– (it links)", "2024-05-28", "released by Margaret, 2024-05-28")
    on.print(fitted(on, table, "since, UTC", "records", "kind", "ruling"))
    for word in ("x" * letters, "nobody", "because", "placeholder", "links)", "ruling", "released", "Margaret,"):
        assert word in text(on)
    assert fits(on)


def test_verdicts_are_held_against_the_households_in_one_line_each() -> None:
    on = console()
    published, unaided = (
        JudgedPairs(same=1200, same_together=1200, different=1500, different_together=apart) for apart in (0, 1500)
    )
    level = JudgedLevel(name="household", published=published, unaided=unaided)
    show_evaluation(on, Evaluation(judged=Judged(levels=(level,), unsure=0, dormant=0)))
    assert "households, published  1,200 of 1,200           0 of 1,500      1.000   1.000" in text(on)
    assert fits(on)


def test_a_plan_is_worded_so_that_it_holds_before_and_after_it_is_done() -> None:
    on = console()
    none = Moves(before=2, now=2)
    storm = StormPlan(event_id="S", conversions=1, conversions_now=1, touches_moved=1, credit_moved=0.5)
    show_plan(
        on, Plan(made_at=datetime(2024, 5, 28), households=none, persons=none, storms=[storm]), "What it changed", {}
    )
    assert "  touches that go to other households' journeys: 1, paid 0.500 conversions\n" in text(on)
    assert "no household, person or credit changes\n" in text(on)
    assert "would" not in text(on)
    assert "yet to credit" not in text(on)


def test_a_plan_says_which_credit_moves_for_another_reason() -> None:
    on = console()
    none = Moves(before=2, now=2)
    storm = StormPlan(event_id="S", conversions=1, conversions_now=3, waiting=2)
    show_plan(on, Plan(made_at=datetime(2024, 5, 28), households=none, persons=none, storms=[storm]), "Changed", {})
    assert "  converting journeys that stormops-graph attribute has yet to credit: 2\n" in text(on)
    assert fits(on)


def test_a_log_has_one_dated_line_a_stage() -> None:
    on = console()
    lines = progress_for(on)
    assert isinstance(lines, Lines)
    with lines.stage("ingest") as task:
        task.total(2)
        task.advance()
    with pytest.raises(ValueError, match="x"), lines.stage("link"):
        raise ValueError("x")
    done, failed = text(on).splitlines()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ  ingest +\d\.\d s", done)
    assert re.fullmatch(r".*Z  link +failed after \d\.\d s", failed)


def test_bars_may_be_open_side_by_side_and_end_as_lines() -> None:
    on = console(terminal=True)
    bars = progress_for(on)
    assert isinstance(bars, Bars)
    with bars.stage("jars") as jars, bars.stage("postgres"):
        jars.total(226)
        jars.advance(113)
        bars.note("downloading [bold]")
    said = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", text(on))
    assert "downloading [bold]" in said
    assert re.search(r"postgres +\d\.\d s", said)
    assert re.search(r"jars +\d\.\d s", said)


def test_words_and_figures() -> None:
    assert plain("a\x1b[2J\u202eb\nc") == "a[2Jb c"
    assert (count(1234567), count(None)) == ("1,234,567", "–")
    assert (percent(0.125), percent(None)) == ("12.5 %", "–")
    assert (chance(1), chance(0.99996), chance(0.9994), chance(0.0001), chance(0)) == (
        "> 99.9 %", "> 99.9 %", "99.9 %", "< 0.1 %", "0.0 %",
    )  # fmt: skip
    assert (seconds(3.21), seconds(61)) == ("3.2 s", "1 min 01 s")


def test_no_id_of_a_history_is_cut_at_60_columns() -> None:
    home, other = "7c9e6679-7425-40de-944b-e07fc1f90ae7", "1f0c4a2b-7425-40de-944b-e07fc1f90ae8"
    pair, run = ("crm_contacts:426f6c9eb9b807c0", "crm_contacts:59d245035add3a9a"), "20261128T065203.823-7fcd8f"
    at = datetime(2026, 11, 28, 6, 51)
    events = [
        Event(at, None, "different", " · ".join(pair), "ana", None), Event(at, run, "split from", other, None, None),
    ]  # fmt: skip
    on = console()
    on.width = 60
    show_history(on, home, events)
    assert [line.rstrip() for line in text(on).splitlines()[3:10]] == [
        "  2026-11-28 06:51  different", *(" " * 20 + end for end in pair), " " * 20 + "by ana",
        "  2026-11-28 06:51  split from", " " * 20 + other, f"{' ' * 20}run {run}",
    ]  # fmt: skip


def test_a_waterfall_ends_at_what_is_stated() -> None:
    parts = (Part("given", "exact", 9.25), Part("zip5", "same", 2), Part("feed", "same", -2), Part("prior", "", -8))
    pair = Link("calls:1", "calls:2", 1 / (1 + 2**-1.25), 0.7, 1.25, "splink", parts)
    *lines, last = [line.plain for line in waterfall(pair)]
    assert [line[:38].rstrip() for line in lines] == [
        "  given    exact       +9.25 →   +9.25",
        "  zip5     same        +2.00 →  +11.25",
        "  feed     same        -2.00 →   +9.25",
        "  prior                -8.00 →   +1.25",
    ]
    assert last == "  one household 70.4 %, one person 70.0 %, by splink"
    for width, bars in (
        (60, ["         │█████████", "         │██", "       ██│", " ████████│"]),
        (50, ["    │████", "    │█", "   █│", " ███│"]),
        (42, ["", "", "", ""]),
    ):  # none is cut, and so all are to one scale
        narrow = Console(file=io.StringIO(), width=width, highlight=False, _environ={})
        narrow.print(Waterfall(pair))
        shown = text(narrow).splitlines()[:4]
        assert [line[:38].rstrip() for line in shown] == [line[:38].rstrip() for line in lines]
        assert [line[40:].rstrip() for line in shown] == bars
    assert (in_words(parts), agreeing(parts)) == ("given exact, zip5 same, feed same", ("given", "zip5"))


def test_an_identifier_that_was_ruled_on_links_only_where_a_record_holds_it() -> None:
    def said(records: int) -> str:
        show_shared(on := console(), [SharedIdentifier("email", "a@x.com", None, records, None, None)], show=False)
        return " ".join(text(on).split())

    assert "– (no record holds it)" in said(0)
    assert "– (it links)" in said(1)


def test_one_more_pair_of_a_household_is_told_as_one() -> None:
    pair = Evidence("calls:a", "sms:b", 0.9, 3.0, ("phones",))
    for pairs, said in ((11, "and 1 more pair\n"), (12, "and 2 more pairs\n")):
        home = Home("h", None, None, None, 0.9, evidence=(pair,) * pairs, records=pairs)
        show_homes(on := console(), [home], show=True)
        assert said in text(on)
