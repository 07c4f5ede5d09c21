"""What opens over the review screen: a line to type, the verdicts so far, the evidence in full, the keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.console import RenderableType
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static

from stormops_graph.ledger.decisions import Decision, end_shown
from stormops_graph.plain_text import plain

from .review_keys import KEYS

_CLOSE: list[BindingType] = [Binding("escape,q", "close", "back")]


class Line(ModalScreen[str]):
    """Asks for a line of text; Escape gives an empty one."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", "back")]

    def __init__(self, asks: str, proposed: str = "") -> None:
        super().__init__()
        self._asks, self._proposed = asks, proposed

    def compose(self) -> ComposeResult:
        """The question over the line."""
        with Vertical(classes="panel"):
            yield Static(Text(self._asks))
            yield Input(value=self._proposed, id="line")

    def on_input_submitted(self, submitted: Input.Submitted) -> None:
        """Give what was typed."""
        self.dismiss(submitted.value.strip())

    def action_close(self) -> None:
        """Give nothing."""
        self.dismiss("")


class Page(ModalScreen[None]):
    """Something to read: the evidence in full, or the keys."""

    BINDINGS: ClassVar[list[BindingType]] = [*_CLOSE, Binding("question_mark,w", "close", "back")]

    def __init__(self, title: str, content: RenderableType) -> None:
        super().__init__()
        self._title, self._content = title, content

    def compose(self) -> ComposeResult:
        """The title over what is to be read."""
        with VerticalScroll(classes="panel"):
            yield Static(Text(f"{self._title}   (back: Esc)", style="bold"))
            yield Static(self._content)

    def action_close(self) -> None:
        """Back to the case."""
        self.dismiss(None)


class History(ModalScreen[tuple[str, Decision] | None]):
    """All verdicts, the latest first; gives the one to look at again or to undo."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *_CLOSE,
        Binding("enter", "choose('open')", "open", priority=True),
        Binding("z", "choose('undo')", "undo"),
    ]

    def __init__(self, decisions: Sequence[Decision], masked: bool) -> None:
        super().__init__()
        self._decisions, self._masked = decisions[::-1], masked

    def compose(self) -> ComposeResult:
        """A list of the verdicts."""
        with Vertical(classes="panel"):
            title = "Verdicts: Enter opens the case to judge it again, z undoes it, Esc goes back"
            yield Static(Text(title if self._decisions else "no verdicts yet   (back: Esc)", style="bold"))
            yield OptionList(*map(self._told, self._decisions), id="history")

    def on_mount(self) -> None:
        """Stand on the latest."""
        verdicts = self.query_one(OptionList)
        verdicts.highlighted = 0 if self._decisions else None
        verdicts.focus()

    def _told(self, said: Decision) -> Text:
        """A verdict as `decisions list` shows it: side by side, two ids are wider than a terminal."""
        lines = [f"{said.verdict}, {said.level}, by {said.signed}, {said.at:%Y-%m-%d %H:%M:%S}"]
        lines += [f"  {end}" for end in (map(end_shown, said.pair) if self._masked else said.pair)]
        lines += [] if self._masked else [f"  {said.reason}"]
        return Text("\n".join(map(plain, lines)), overflow="fold")

    def action_choose(self, what: str) -> None:
        """Give the verdict under the cursor."""
        row = self.query_one(OptionList).highlighted
        self.dismiss(None if row is None else (what, self._decisions[row]))

    def action_close(self) -> None:
        """Back to the case."""
        self.dismiss(None)


def help_page() -> Page:
    """The keys."""
    lines = [Text(f"  {key.key:<3}{key.does}") for key in KEYS]
    said = Text("\nMarks beside values: = as in A, ~ nearly, ≠ not. Nothing: one of the two is silent.\n")
    said.append("Every verdict is in the ledger before the next line says so; a run is never kept waiting.")
    return Page("Keys", Text("\n").join([*lines, said]))
