"""Charts as PNG pictures, drawn from the same SVG as those of the page; `resvg` is an optional extra (`png`).

resvg takes its letters from the machine's fonts, and where there are none it leaves them out without a word: so
that is found out first.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from stormops_graph.errors import InputError
from stormops_graph.pages.drawing import drawn_width, elided, length, svg, text
from stormops_graph.pages.style import LIGHT, PICTURE

ZOOM = 2.0
MARGIN = 12
TITLE = 46  # high
WIDEST = 900  # pixels of a title
LETTERS = "DejaVu Sans, Liberation Sans, Noto Sans, Arial, Helvetica, sans-serif"  # resvg takes the last for Arial


@dataclass(frozen=True)
class Picture:
    """A chart that stands for itself: what it shows, of what."""

    drawing: str
    title: str
    said: str = ""


def png(picture: Picture) -> bytes:
    """A chart as PNG; raises InputError where the extra is not installed."""
    try:
        from resvg_py import svg_to_bytes  # noqa: PLC0415  (an optional extra)
    except ImportError as error:
        raise InputError(
            "charts as PNG need the extra png", "pip install 'stormops-graph[png]', or look at --report FILE"
        ) from error
    return svg_to_bytes(svg_string=alone(picture), zoom=ZOOM, background=LIGHT["paper"])


def check_pictures(folder: Path) -> None:
    """Raise InputError where pictures could not be drawn or written."""
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is not a folder", "name a folder for the charts")
    if png(Picture(svg(40, 20, [text(0, 15, "Abc", "start")], ""), "")) == png(Picture(svg(40, 20, [], ""), "")):
        raise InputError("this machine has no font to write charts with", "install one, such as DejaVu or Liberation")


def write_pictures(folder: Path, pictures: Mapping[str, Picture]) -> list[Path]:
    """Write pictures as NAME.png for their owner's eyes only; their files. Raises InputError."""
    written = {folder / f"{name}.png": picture for name, picture in pictures.items()}
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for file, picture in written.items():
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(png(picture))
    except OSError as error:
        raise InputError(f"{folder} cannot be written: {error.strerror}", "name a folder of yours") from error
    return list(written)


def alone(picture: Picture) -> str:
    """The drawing as an SVG file, with its name space, style, title and a margin; colours of a light page."""
    opening, inside = picture.drawing.split(">", 1)
    high = float(opening.split('viewBox="0 0 ')[1].split('"')[0].split()[1])
    title, said = elided(picture.title, WIDEST, 15), elided(picture.said, WIDEST)
    wide = max(drawn_width(picture.drawing), length(title, 15), length(said)) + 2 * MARGIN
    high += 2 * MARGIN + TITLE
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide:.0f}" height="{high:.0f}" '
        f'viewBox="{-MARGIN} {-MARGIN - TITLE} {wide:.0f} {high:.0f}" font-family="{LETTERS}"><style>{PICTURE}</style>'
        f"{text(0, 15 - TITLE, title, 'start', 'name title')}{text(0, 34 - TITLE, said, 'start')}{inside}"
    )
