"""The screen of the cases: one at a time, judged by single keys.

Invariant: no key waits for a store; what reads or writes one is `review_background`'s.
"""

from __future__ import annotations

from typing import ClassVar

from rich.console import RenderableType
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Static

from stormops_graph.counts import count, counted
from stormops_graph.errors import StormopsError
from stormops_graph.ledger.decisions import Decision, Level, Verdict
from stormops_graph.plain_text import plain
from stormops_graph.review.case import Case
from stormops_graph.review.desk import Outcome, Redo, Undo
from stormops_graph.review.effects import Effect, Moved
from stormops_graph.review.sitting import Sitting
from stormops_graph.review.snapshot import Snapshot
from stormops_graph.runs import now

from .review_background import Background, Open
from .review_case import Look, case_shown, chain_shown
from .review_keys import FOOTER, KEYS
from .review_panels import History, Line, help_page
from .review_panels import Page as ReadingPage
from .review_sheet import Sheet

_REST = 0.25  # seconds on a case before the graph is asked what would move
_LOOK_OUT = 20.0  # seconds between two looks whether a newer run has come


class CaseScreen(Screen[None]):
    """A case with its head, its keys, and a line for what came of the last key."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding({"/": "slash", "?": "question_mark", "[": "left_square_bracket", "]": "right_square_bracket",
                 "<": "less_than_sign", ">": "greater_than_sign"}.get(key.key, key.key), key.action, key.name)
        for key in KEYS
    ]  # fmt: skip

    def __init__(self, opened: Open, steward: str, simulated: bool = False) -> None:
        super().__init__()
        self._background, self._steward, self._simulated = Background(self, opened), steward, simulated
        self.sitting: Sitting | None = None
        self._case: Case | None = None
        self._effect: Effect | None = None
        self._moved: Moved | str = "…"
        self._masked, self._blind, self._first = True, False, 0

    def compose(self) -> ComposeResult:
        """Head, case, what came of the last key, keys."""
        yield Static(id="head")
        yield Sheet("case")
        yield Static(id="said")
        yield Static(_footer(), id="foot")

    def on_mount(self) -> None:
        """Ask who decides where nobody said so, then read the last run."""
        newer = "a newer run has replaced what you see: n reads it"
        self.set_interval(_LOOK_OUT, lambda: self._background.look_out(lambda: self._say(newer)))
        if self._steward:
            self.action_renew()
        else:
            self.app.push_screen(Line("Who decides? Your name is kept with every verdict."), self._named)

    def on_resize(self) -> None:
        """Show the case in the new width."""
        self._draw()

    def action_renew(self) -> None:
        """Read what the last run left."""
        self._say("reading the last run …")
        self._background.read(self._begin, self._nothing)

    def action_decide(self, verdict: str, level: str) -> None:
        """Make a verdict on the case."""
        if self.sitting is None or self._case is None:
            return
        said, about = Verdict(verdict), Level(level) if level else None
        self._background.order(self.sitting.claim(self._case, said, about, self._blind), self._land)
        self._show(f"{said}: keeping it …")

    def action_skip(self) -> None:
        """Leave the case for later."""
        if self.sitting is not None:
            self.sitting.skip()
            self._show("skipped; no verdict")

    def action_undo(self) -> None:
        """Take back the last verdict."""
        if self.sitting is not None:
            self._background.order(Undo(self._steward), self._land)

    def action_redo(self) -> None:
        """Take back the last undoing."""
        if self.sitting is not None:
            self._background.order(Redo(self._steward), self._land)

    def action_history(self) -> None:
        """List the verdicts."""
        if self.sitting is not None:
            self.app.push_screen(History(self.sitting.decisions, self._masked), self._chosen)

    def action_reason(self) -> None:
        """Ask for the reason of the next verdict."""
        if self.sitting is not None:
            asks = "Reason of the next verdict (no names, numbers or addresses):"
            self.app.push_screen(Line(asks, self.sitting.reason), self._reasoned)

    def action_search(self) -> None:
        """Ask what to look for."""
        if self.sitting is not None:
            self.app.push_screen(Line("Look for a name, number, address, record or household:"), self._searched)

    def action_mask(self) -> None:
        """Show or mask personal data."""
        self._masked = not self._masked
        self._draw()

    def action_blind(self) -> None:
        """Hide or show what the model thinks."""
        self._blind = not self._blind
        self._draw()

    def action_why(self) -> None:
        """Show all evidence of the cluster."""
        if self._case is not None:
            title = "What holds them together, the weakest first"
            self.app.push_screen(ReadingPage(title, chain_shown(self._case, self._look)))

    def action_help(self) -> None:
        """Show the keys."""
        self.app.push_screen(help_page())

    def action_step(self, by: int) -> None:
        """Look at the case before or after."""
        if self.sitting is not None:
            self.sitting.step(by)
            self._show("")

    def action_shift(self, by: int) -> None:
        """Look at records further to the left or right."""
        others = len(self._case.records) - 2 if self._case else 0
        self._first = min(max(0, self._first + by), max(0, others - 1))
        self._draw()

    def action_leave(self) -> None:
        """Leave when the last verdict is kept."""
        self._background.when_kept(self.app.exit)

    @property
    def _look(self) -> Look:
        return Look(max(40, self.size.width - 2), self._first, self._masked, self._blind)

    def _named(self, name: str | None) -> None:
        if not name:
            self.app.exit(message="a verdict needs a name: set STORMOPS_STEWARD, or say --by NAME")
            return
        self._steward = name
        self.action_renew()

    def _reasoned(self, reason: str | None) -> None:
        if self.sitting is not None and reason:
            self.sitting.reason = reason
            self._say("the next verdict says so")

    def _searched(self, text: str | None) -> None:
        if self.sitting is not None and text:
            self._show("" if self.sitting.search(text) else "no case shows that")

    def _chosen(self, chosen: tuple[str, Decision] | None) -> None:
        if self.sitting is None or chosen is None:
            return
        what, decision = chosen
        if what == "undo":
            self._background.order(Undo(self._steward, decision.id), self._land)
        else:
            found = self.sitting.look_at(decision.pair)
            gone = "it is about identifiers: decide says another" if decision.identifiers else "a record has gone"
            self._show("judge it again" if found else gone)

    def _begin(self, snapshot: Snapshot) -> None:
        self.sitting = Sitting(snapshot, self._steward)
        self._show("")

    def _nothing(self, error: StormopsError) -> None:
        """Say why there is nothing to see, and what to do."""
        self.sitting = self._case = None
        self.query_one("#head", Static).update(" review")
        told = Text(plain(error.message), style="bold")
        told.append(plain(f"\n\nwhat to do: {error.hint}\nthen press n to look again, q to leave"), style="")
        self._sheet(told)
        self._say("")

    def _show(self, said: str) -> None:
        """Show the case that is up, and ask the graph what would move where the steward stays with it."""
        if self.sitting is None:
            return
        self._case, self._first, self._moved = self.sitting.case(), 0, "…"
        self._effect = self.sitting.effect(self._case, now()) if self._case else None
        self._say(said)
        self.query_one(Sheet).scroll_home(animate=False)
        self._draw()
        if self._case is not None:
            case = self._case
            self.set_timer(_REST, lambda: self._ask_what_moves(case))

    def _draw(self) -> None:
        if self.sitting is None:
            return
        self.query_one("#head", Static).update(self._head(self.sitting))
        if self._case is None or self._effect is None:
            self._sheet(_nothing_left(self.sitting))
        else:
            self._sheet(case_shown(self._case, self._effect, self._moved, self._look))

    def _sheet(self, content: RenderableType) -> None:
        self.query_one(Sheet).show(content, self._look.width)

    def _head(self, sitting: Sitting) -> Text:
        now_at = sitting.standing()
        question, cases = sitting.question, now_at.cases
        place = f"case {count(question.place)} of {count(cases)}" if question else counted(cases, "case")
        parts = ["simulated"] if self._simulated else []
        parts += [place, f"{now_at.decided} decided"]
        parts.append("blind" if self._blind else f"about {counted(round(now_at.errors_left), 'error')} left")
        if not now_at.pays and question is not None:
            parts.append("more review hardly pays")
        if not self._masked:
            parts.append("UNMASKED")
        return Text(f" review · {' · '.join(parts)}")

    def _say(self, text: str) -> None:
        self.query_one("#said", Static).update(Text(plain(text), style="bold"))

    def _ask_what_moves(self, case: Case) -> None:
        if case is self._case and self._effect is not None:
            self._background.ask_what_moves(self._effect.moving, lambda found: self._moves(case, found))

    def _moves(self, case: Case, found: Moved | str) -> None:
        if case is self._case:
            self._moved = found
            self._draw()

    def _land(self, outcomes: list[Outcome]) -> None:
        if self.sitting is None:
            return
        before = self.sitting.question
        for outcome in outcomes:
            self.sitting.land(outcome)
        said = _told(outcomes)
        if self.sitting.question is before:
            self._say(said)
            self.query_one("#head", Static).update(self._head(self.sitting))
        else:
            self._show(said)


def _footer() -> Text:
    foot = Text()
    for key in KEYS:
        if key.key in FOOTER:
            foot.append(f"{key.key} ", style="bold").append(f"{key.name} ", style="dim")
    return foot


def _nothing_left(sitting: Sitting) -> Text:
    if sitting.snapshot.cases:
        return Text("\nAll cases are decided. h lists the verdicts, q leaves; the next resolve goes by them.")
    return Text(
        "\nNothing is in doubt: no weak evidence holds a household together, none lies between two of them,\n"
        "and no verdict wants another look. h lists the verdicts, q leaves."
    )


def _told(outcomes: list[Outcome]) -> str:
    """What came of orders, the errors first."""
    failed = [(one.decision is not None, one.error) for one in outcomes if one.error is not None]
    if failed:
        kept, error = min(failed, key=lambda one: one[0])
        more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
        return f"{'kept, but' if kept else 'not kept:'} {error.message.splitlines()[0]}: {error.hint}{more}"
    last = outcomes[-1]
    if last.decision is None:
        return ""
    waits = ", waits for a second steward" if last.decision.needs_second else ""
    word = "kept" if not isinstance(last.order, (Undo, Redo)) else "undone; now"
    return f"{word}: {last.decision.verdict} ({last.decision.level}){waits}"
