"""A sheet: something to look at in lines, which may be longer than the screen.

Invariant: what is shown is rendered once, however often parts of it are painted and whatever the layout asks for.
"""

from __future__ import annotations

from rich.console import RenderableType
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip


class Sheet(ScrollView):
    """Lines that are scrolled where there are more than the screen has room for."""

    DEFAULT_CSS = "Sheet { overflow-x: hidden; }"

    def __init__(self, name: str) -> None:
        super().__init__(id=name)
        self._strips: list[Strip] = []

    def show(self, content: RenderableType, width: int) -> None:
        """Show `content` in lines of `width`."""
        console = self.app.console
        options = console.options.update(width=width, highlight=False)
        self._strips = [Strip(map(_styled, line)) for line in console.render_lines(content, options, pad=False)]
        self.virtual_size = Size(width, len(self._strips))
        self.refresh()

    @property
    def text(self) -> str:
        """What is shown, without its looks."""
        return "\n".join(strip.text.rstrip() for strip in self._strips)

    def render_line(self, y: int) -> Strip:
        """The line of the sheet at a line of the widget."""
        at = y + self.scroll_offset.y
        return self._strips[at] if at < len(self._strips) else Strip.blank(self.size.width, Style.null())


def _styled(part: Segment) -> Segment:
    """With a style, if only a plain one: what takes colours out (NO_COLOR) asks every part for it."""
    return part if part.style else Segment(part.text, Style.null(), part.control)
