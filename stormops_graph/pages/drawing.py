"""SVG, drawn by us: no script, no font and no picture from outside; colours are classes (see `style`).

Invariant: every text is escaped here, and holds no control characters or direction marks.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from html import escape

from stormops_graph.plain_text import plain

_NARROW, _WIDE = "iljtfrI.,:;'|!()[] ", "mwMW@%"
_SAID = 300  # letters of what a shape says when pointed at


def escaped(said: object) -> str:
    """A text that HTML and SVG show as it is."""
    return escape(plain(said))


def elided(said: str, room: float, size: float = 12) -> str:
    """The text, cut to `room` pixels with an ellipsis; see `length`."""
    said = plain(said)
    if length(said, size) <= room:
        return said
    left, kept = room / size - _width("…"), []
    for letter in said:
        left -= _width(letter)
        if left < 0:
            break
        kept.append(letter)
    return "".join(kept).rstrip() + "…"


def labels(names: Sequence[str], room: float, size: float = 12) -> list[str]:
    """The names, each cut to `room` pixels; names that would look alike are cut in what they have in common."""
    cut = [elided(name, room, size) for name in names]
    alike = Counter(elided(name, room, size) for name in set(names))
    for number, name in enumerate(names):
        if alike[cut[number]] > 1:
            common = _in_common([other for other in names if elided(other, room, size) == cut[number]])
            head = name[: min(5, common)].rstrip()
            cut[number] = elided(f"{head}…{name[common:]}", room, size)
    return cut


def _in_common(names: Sequence[str]) -> int:
    """How many letters names have in common at their beginning."""
    least, most = min(names), max(names)
    return next((i for i, letter in enumerate(least) if most[i : i + 1] != letter), len(least))


def length(said: str, size: float = 12) -> float:
    """Pixels that a text takes at most, in any common sans-serif."""
    return sum(map(_width, plain(said))) * size


def _width(letter: str) -> float:
    """Of a letter, in parts of its size."""
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.05
    if letter in _NARROW:
        return 0.42
    if letter in _WIDE or ord(letter) > 0x2FF:
        return 1.0
    return 0.76 if letter.isupper() else 0.64


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    """A straight line."""
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def rect(box: tuple[float, float, float, float], kind: str, said: str = "", more: str = "") -> str:
    """A box (x, y, width, height) that says `said` when pointed at; `more` are further attributes."""
    x, y, width, height = box
    shape = f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{max(height, 0):.1f}"'
    return f"{shape}{more}{_closed('rect', said)}"


def dot(x: float, y: float, radius: float, kind: str, said: str = "") -> str:
    """A dot that says `said` when pointed at."""
    return f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}"{_closed("circle", said)}'


def path(steps: str, kind: str, width: float, said: str = "") -> str:
    """A curve `width` wide."""
    return f'<path class="{kind}" d="{steps}" stroke-width="{width:.2f}"{_closed("path", said)}'


def text(x: float, y: float, said: str, anchor: str, kind: str = "tick") -> str:
    """A text at its baseline; `anchor` is start, middle or end."""
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escaped(said)}</text>'


def turned(x: float, y: float, said: str, degrees: float, anchor: str, kind: str = "tick") -> str:
    """A text turned about its anchor."""
    where = f"translate({x:.1f} {y:.1f}) rotate({degrees:g})"
    return f'<text class="{kind}" text-anchor="{anchor}" transform="{where}">{escaped(said)}</text>'


def svg(width: float, height: float, parts: Sequence[str], label: str) -> str:
    """The drawing; `label` says in words what it shows."""
    return (
        f'<svg role="img" aria-label="{escaped(label)}" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}">'
        + "".join(parts)
        + "</svg>"
    )


def drawn_width(drawing: str) -> float:
    """The width of a drawing that `svg` made."""
    return float(drawing.split('viewBox="0 0 ', 1)[1].split(" ", 1)[0])


def _closed(tag: str, said: str) -> str:
    return f"><title>{escaped(said[:_SAID])}</title></{tag}>" if said else "/>"
