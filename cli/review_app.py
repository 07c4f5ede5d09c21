"""The review program: one screen, on which a steward judges case by case."""

from __future__ import annotations

from textual.app import App
from textual.dom import DOMNode

from .review_background import Open
from .review_screen import CaseScreen

_CSS = """
Screen { background: $background; }
#head, #foot, #said { height: auto; }
#head { text-style: reverse; }
#case { height: 1fr; scrollbar-size-vertical: 1; }
.panel { border: round $primary; height: auto; max-height: 100%; padding: 0 1; }
ModalScreen { align: center middle; }
"""


class ReviewApp(App[None]):
    """The review of one project; `opened` reads the last run, `steward` is empty where nobody said who decides."""

    CSS = _CSS
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, opened: Open, steward: str, simulated: bool = False) -> None:
        super().__init__()
        self._first_screen = CaseScreen(opened, steward, simulated)
        self.failure: Exception | None = None

    @property
    def cases(self) -> CaseScreen:
        """The screen of the cases."""
        return self._first_screen

    def on_mount(self) -> None:
        """Open the screen of the cases."""
        self.push_screen(self._first_screen)

    async def action_quit(self) -> None:
        """Leave as the key `q` does, after the keys typed before: by way of all that these pass through."""
        self._pass_on(self.focused or self.screen)

    def _pass_on(self, node: DOMNode | None) -> None:
        if node is None or node is self:
            self.call_later(self.cases.action_leave)
        else:
            node.call_later(self._pass_on, node.parent)

    def _handle_exception(self, error: Exception) -> None:
        """Leave the screen, so that what was unforeseen is told as any command tells it, without a traceback."""
        self.failure = error
        if self.is_headless:
            super()._handle_exception(error)
        else:
            self.exit()


def run_screen(opened: Open, steward: str, simulated: bool) -> None:
    """Run the review until the steward leaves."""
    app = ReviewApp(opened, steward, simulated)
    app.run()
    if app.failure is not None:
        raise app.failure
