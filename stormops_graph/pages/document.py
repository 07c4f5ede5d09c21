"""An HTML document: one file that needs nothing from outside, no script in it, light or dark, fit for print.

Invariant: the caller escapes what comes from a feed (`escaped`); the document lets no request out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from stormops_graph.errors import InputError, Mistyped
from stormops_graph.pages.drawing import escaped
from stormops_graph.pages.style import STYLE
from stormops_graph.services.private_file import write_private

SIMULATED = '<p class="simulated">Simulated data: made up, not real people or results.</p>'


def document(title: str, parts: Iterable[str]) -> str:
    """The whole document; `title` is plain text, `parts` are HTML."""
    said = escaped(title)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{said}</title><style>{STYLE}</style></head>\n<body><main>\n<h1>{said}</h1>\n"
        + "\n".join(parts)
        + "\n</main></body></html>\n"
    )


def section(title: str, *parts: str) -> str:
    """A part of the document under its heading."""
    return f"<section><h2>{title}</h2>{''.join(parts)}</section>"


def card(name: str, figure: str, said: str) -> str:
    """A headline figure with its name above and a word below."""
    kind = " class='long'" if len(figure) > 8 else ""
    return f"<div class='card'><span>{name}</span><b{kind}>{figure}</b><small>{said}</small></div>"


def cards(each: Iterable[str]) -> str:
    """Headline figures side by side."""
    return f"<div class='cards'>{''.join(each)}</div>"


def table(titles: Iterable[str], rows: Iterable[Sequence[str]], above: str = "", kind: str = "") -> str:
    """A table of cells that are HTML; it scrolls where it is too wide, and `above` is a heading over its heading."""
    head = "".join(f"<th>{title}</th>" for title in titles)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    opened = f"<table class='{kind}'>" if kind else "<table>"
    return f"<div class='wide'>{opened}<thead>{above}<tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"


def check_page(file: Path) -> None:
    """Raise InputError where a page cannot be written: another name, or no folder."""
    if file.suffix not in (".html", ".htm"):
        raise Mistyped(f"{file.name} is no .html file", "end the report's name in .html")
    if not file.parent.is_dir():
        raise InputError(f"{file} cannot be written: {file.parent} is no folder", "name a folder that exists")


def write_page(file: Path, text: str) -> None:
    """Write a page for its owner's eyes only; raises InputError as `check_page` does."""
    check_page(file)
    try:
        write_private(file, text)
    except OSError as error:
        raise InputError(f"{file} cannot be written: {error.strerror}", "name a folder of yours") from error
