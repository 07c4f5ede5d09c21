"""The review screen's keys are those that its help and the documentation say, and its looks hide what they should."""

from __future__ import annotations

import asyncio
import io
import re
from datetime import datetime
from pathlib import Path

import pytest
from rich.console import Console
from textual.app import App, ComposeResult
from textual.binding import Binding

from stormops_graph.cli.review import show_queue
from stormops_graph.cli.review_app import ReviewApp
from stormops_graph.cli.review_case import Look, case_shown, chain_shown
from stormops_graph.cli.review_keys import FOOTER, KEYS
from stormops_graph.cli.review_panels import History
from stormops_graph.cli.review_screen import CaseScreen
from stormops_graph.cli.review_sheet import Sheet
from stormops_graph.ledger.decisions import Decision, Level, Verdict
from stormops_graph.lookup.parts import Part
from stormops_graph.review.case import FIELDS, Case, Link, Shown
from stormops_graph.review.effects import Moved, effect
from stormops_graph.review.queue import Question

DOCS = Path(__file__).parents[2] / "docs" / "review.md"
SIGNS = {"slash": "/", "question_mark": "?", "left_square_bracket": "[", "right_square_bracket": "]",
         "less_than_sign": "<", "greater_than_sign": ">"}  # fmt: skip
VALUES = {"given": "robert", "surname": "smith", "phone": "+12143634567", "email": "rob@mail.com",
          "address": "12 elm st, 75209", "cookie": "1234567.7654321"}  # fmt: skip


def test_the_documented_keys_are_the_keys() -> None:
    bound = {binding.key: binding.action for binding in CaseScreen.BINDINGS if isinstance(binding, Binding)}
    assert {SIGNS.get(key, key): action for key, action in bound.items()} == {key.key: key.action for key in KEYS}
    table = DOCS.read_text().partition("## Keys")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `(.+?)` \| (.+?) \|$", table, re.MULTILINE) == [(key.key, key.does) for key in KEYS]
    assert set("sdukzhmbw/?q") <= FOOTER <= {key.key for key in KEYS}
    for key in KEYS:
        assert hasattr(CaseScreen, f"action_{key.action.partition('(')[0]}")


def record(name: str, household: str, **values: str) -> Shown:
    fields = {field: (value,) if (value := values.get(field)) else () for field in FIELDS}
    root = "robert" if values["given"] in ("robert", "bob") else values["given"]
    return Shown(household, name, None, "calls", root, fields, None, datetime(2024, 5, 1), 2, 0)


def case() -> Case:
    question = Question(3, "c0ffee", "gap", "a", "b", "h1", "h2", 0.6, 0.4, 0.6, 2.0, 2, 1, 450_000.0)
    parts = (Part("prior", "", 2.25), Part("given", "nickname", 4.5), Part("home", "different", -6.0))
    link = Link("a", "b", 0.6, 0.4, parts, "splink", False)
    said = Decision(
        id="d", left="a", right="b", verdict=Verdict.unsure, level=Level.household, by="a\x1b[31mna",
        at=datetime(2024, 5, 1), reason="odd",
    )  # fmt: skip
    return Case(
        question, (record("a", "h1", **VALUES), record("b", "h2", given="bob", surname="smith")), (link,), (said,)
    )


def drawn(look: Look, width: int = 80) -> str:
    console = Console(file=(out := io.StringIO()), width=width, color_system=None)
    console.print(case_shown(case(), effect(case(), []), Moved(3, 1, 1, 0.25), look))
    return out.getvalue()


def test_personal_data_are_masked_until_asked_for() -> None:
    masked, shown = drawn(Look()), drawn(Look(masked=False))
    for value in VALUES.values():
        assert value not in masked
        assert value in shown


def test_blind_shows_what_was_compared_but_not_what_the_model_thinks() -> None:
    blind = drawn(Look(blind=True))
    assert "given nickname" in blind
    for figure in ("prior", "4.50", "60.0 %", "█"):
        assert figure in drawn(Look())
        assert figure not in blind


def test_a_case_reads_without_colour_in_80_columns() -> None:
    lines = drawn(Look(78)).splitlines()
    assert max(map(len, lines)) <= 80
    text = "\n".join(lines)
    assert re.search(r"surname +S\. += S\.", text)
    assert re.search(r"given +R\. +~ B\.", text)
    assert "joins 1 and 1 records to one household" in text
    assert "3 touches, 1 journey, 1 conversion, credit 0.25" in text
    assert "\x1b" not in text


@pytest.mark.parametrize("width", [40, 80, 120, 200])
def test_any_width_will_do(width: int) -> None:
    assert "A verdict" in drawn(Look(width), width)


def test_why_marks_the_pair_in_question() -> None:
    console = Console(file=(out := io.StringIO()), width=80, color_system=None)
    console.print(chain_shown(case(), Look()))
    assert "in question" in out.getvalue()


@pytest.mark.parametrize("size", [(80, 24), (120, 60)])
def test_the_screen_works_without_colour(size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    class Looking(App[None]):
        def compose(self) -> ComposeResult:
            yield Sheet("case")

    async def look() -> str:
        async with Looking().run_test(size=size) as pilot:
            sheet = pilot.app.query_one(Sheet)
            sheet.show(case_shown(case(), effect(case(), []), Moved(3, 1, 1, 0.25), Look(size[0] - 2)), size[0] - 2)
            await pilot.pause()
            return "\n".join(strip.text for strip in pilot.app.screen._compositor.render_strips())

    assert "A verdict" in asyncio.run(look())


@pytest.mark.parametrize("width", [60, 80])
def test_a_case_of_the_queue_can_be_typed_from_a_narrow_list(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    show_queue(2, 1.0, [Question(1, "c0ffee12", "gap", "calls:a", "sms:b", "h1", "h2", 0.6, 0.4, 0.6, 2.0, 2, 1, 4e5)])
    assert "\nc0ffee12 " in capsys.readouterr().out


@pytest.mark.parametrize("width", [40, 60, 80])
def test_the_verdicts_show_the_ids_of_their_records_whole(width: int) -> None:
    left, right = "crm_contacts:7375636cffb63836", "door_knocks:1297659625569bdf"
    said = {"left": left, "right": right, "verdict": Verdict.same, "level": Level.person, "by": "ana", "reason": "saw"}
    decisions = [Decision(id=str(n), at=datetime(2024, 1, n), **said) for n in (1, 2)]

    class Looking(App[None]):
        CSS = ReviewApp.CSS

    async def look() -> tuple[str, object]:
        chosen: list[object] = []
        async with Looking().run_test(size=(width, 24)) as pilot:
            await pilot.app.push_screen(History(decisions, masked=False), chosen.append)
            await pilot.pause()
            drawn = "\n".join(strip.text for strip in pilot.app.screen._compositor.render_strips())
            await pilot.press("down", "z")
            await pilot.pause()
        return drawn, chosen[0]

    drawn, chosen = asyncio.run(look())
    assert drawn.count(left) == drawn.count(right) == 2
    assert chosen == ("undo", decisions[0])  # the latest is first
