"""Cypher statements: one a file in `cypher/`, each headed by its purpose, parameters and rows.

Invariant: a statement is sent exactly as its file says, but for `<placeholders>`, which are replaced by
names of the graph's model (never by data). A line is sent once for each name where its placeholder stands for
several, and not at all where it stands for none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files

from stormops_graph.errors import StoreError
from stormops_graph.ports import Words

_HEADER = re.compile(r"^// (purpose|params|returns): ?(.*)$", re.MULTILINE)
_PLACEHOLDER = re.compile(r"<([a-z]+)>")
_NAME = re.compile(r"[A-Za-z][A-Za-z_]*(:[A-Za-z_]+)?")


@dataclass(frozen=True)
class Statement:
    """A statement's name, what its header promises, and its text."""

    name: str
    purpose: str
    params: tuple[str, ...]
    returns: str
    text: str

    @property
    def placeholders(self) -> frozenset[str]:
        """The names in angle brackets that `spelled` replaces."""
        return frozenset(_PLACEHOLDER.findall(self.text))

    def spelled(self, words: Words | None = None) -> str:
        """The text with every placeholder replaced; raises StoreError for a missing or improper word."""
        words = words or {}
        return "\n".join(spelled for line in self.text.splitlines() for spelled in self._lines(line, words))

    def _lines(self, line: str, words: Words) -> Iterator[str]:
        """The line once for each name of a placeholder that stands for several; else once."""
        several = {name: word for name in _PLACEHOLDER.findall(line) if isinstance(word := words.get(name), tuple)}
        chosen = [{name: word} for name, names in several.items() for word in names] if several else [{}]
        for one in chosen:
            yield _PLACEHOLDER.sub(partial(self._word, {**words, **one}), line)

    def _word(self, words: Words, found: re.Match[str]) -> str:
        placeholder = found[1]
        name = words.get(placeholder, "")
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise StoreError(f"statement {self.name} needs a name for <{placeholder}>")
        return name


def parse(name: str, source: str) -> Statement:
    """Read a statement file; raises StoreError where a line of the header is missing."""
    header = {found[1]: found[2].strip() for found in _HEADER.finditer(source)}
    missing = {"purpose", "params", "returns"} - header.keys()
    if missing:
        raise StoreError(f"statement {name} has no header line for {', '.join(sorted(missing))}")
    params = tuple(part.strip() for part in header["params"].split(",") if part.strip() not in ("", "none"))
    text = "\n".join(line for line in source.splitlines() if not line.startswith("//")).strip()
    return Statement(name, header["purpose"], params, header["returns"], text)


@cache
def statement(name: str) -> Statement:
    """The statement `read/household`, …; raises StoreError when there is no such file."""
    file = files("stormops_graph.cypher").joinpath(f"{name}.cypher")
    if not file.is_file():
        raise StoreError(f"there is no statement {name}", "install the package again")
    return parse(name, file.read_text("utf-8"))
