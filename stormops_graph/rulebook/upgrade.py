"""Bring a project's rules up to date: fields that the shipped rules gained are added with their values and comments.

Invariant: no value that a file has is changed, but for its `version`; comments, order and layout stay as they are.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel

from stormops_graph.errors import SettingsError
from stormops_graph.normalise.rules import ChannelRules, IdentifierRules
from stormops_graph.personas.priors import PRIORS_FILE, Priors
from stormops_graph.project import Project
from stormops_graph.rulebook.kept import SHIPPED, keep, rule_files, rules_called
from stormops_graph.rules.declarations import Place, declarations_in
from stormops_graph.rules.ruleset import (
    HOUSEHOLD,
    NICKNAMES,
    PERSON,
    SESSION,
    HouseholdRules,
    Nicknames,
    PersonRules,
    SessionRules,
)

FILES: Mapping[str, type[BaseModel]] = {
    "channels.toml": ChannelRules,
    "identifiers.toml": IdentifierRules,
    PRIORS_FILE: Priors,
    PERSON: PersonRules,
    HOUSEHOLD: HouseholdRules,
    SESSION: SessionRules,
    NICKNAMES: Nicknames,
}
_VERSION = re.compile(r"^version\s*=\s*\d+", re.MULTILINE)


@dataclass(frozen=True)
class Upgrade:
    """One file as it is (empty: it is missing) and as it would be, and the names that are added."""

    file: str
    before: str
    after: str
    added: tuple[str, ...]

    @property
    def diff(self) -> list[str]:
        """The lines that change, with three lines around, as `diff -u` has them."""
        lines = self.before.splitlines(), self.after.splitlines()
        return list(unified_diff(*lines, self.file if self.before else "/dev/null", self.file, lineterm=""))


class _Part(NamedTuple):
    """A table's header or an entry of TOML: lines from `start` (its comments) to before `end`, counted from 0."""

    place: Place
    start: int
    end: int
    header: bool


def upgrades(project: Project) -> list[Upgrade]:
    """What the project's rules need, file by file; raises SettingsError where a file cannot be read or added to."""
    with rules_called(project, SHIPPED) as shipped:
        files = rule_files(shipped).items()
        found = [_upgrade(project.rules / name, name, file.read_text("utf-8")) for name, file in files]
    return [upgrade for upgrade in found if upgrade.before != upgrade.after]


def write(project: Project, wanted: Sequence[Upgrade]) -> str:
    """Write the files; the rules as they were are kept, under the name that is returned (see `rules diff NAME`)."""
    kept = keep(project)
    for upgrade in wanted:
        file = project.rules / upgrade.file
        file.parent.mkdir(parents=True, exist_ok=True)
        making = file.with_suffix(".new")
        making.write_text(upgrade.after, "utf-8")
        making.replace(file)
    return kept


def _upgrade(file: Path, name: str, shipped: str) -> Upgrade:
    if not file.is_file():
        return Upgrade(name, "", shipped, (name,))
    before = file.read_text("utf-8-sig")
    if name not in FILES:  # the trained model is made by training
        return Upgrade(name, before, before, ())
    mine, theirs = _parsed(before, file), tomllib.loads(shipped)
    missing = list(_missing(FILES[name], mine, theirs))
    after = before
    for place in missing:
        after = _with(after, shipped, place, file)
    if missing and "version" in mine:
        after = _VERSION.sub(f"version = {theirs['version']}", after, count=1)
    _check_kept(mine, _parsed(after, file), file)
    return Upgrade(name, before, after, tuple(".".join(map(str, place)) for place in missing))


def _parsed(text: str, file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file}: not TOML", "stormops-graph rules check tells the line") from error


def _missing(model: type[BaseModel], mine: Mapping[str, Any], shipped: Mapping[str, Any]) -> Iterator[Place]:
    """The places of the fields that a file must have and does not; what may be left out was left out on purpose."""
    for name, field in model.model_fields.items():
        below = field.annotation
        if name in shipped and name not in mine and field.is_required():
            yield (name,)
        elif isinstance(below, type) and issubclass(below, BaseModel) and isinstance(mine.get(name), dict):
            for place in _missing(below, mine[name], shipped.get(name, {})):
                yield (name, *place)


def _check_kept(before: Mapping[str, Any], after: Mapping[str, Any], file: Path) -> None:
    for name, value in before.items():
        if name == "version":
            continue
        if isinstance(value, dict) and isinstance(after.get(name), dict):
            _check_kept(value, after[name], file)
        elif after.get(name) != value:
            raise _by_hand(file, name)


def _by_hand(file: Path, name: str) -> SettingsError:
    return SettingsError(
        f"{file}: {name} cannot be added without changing what is there",
        "add it by hand as the shipped file has it; stormops-graph rules diff shows its value",
    )


def _with(text: str, shipped: str, place: Place, file: Path) -> str:
    """TOML `text` with what the shipped text declares at `place` and below."""
    lines, added = text.splitlines(), _declaration(shipped, place)
    parts, theirs = _parts(text), _parts(shipped)
    if next(part for part in theirs if part.place[: len(place)] == place).header:
        return "\n".join([*lines, "", *added]) + "\n"
    above = [part.place for part in theirs if not part.header and part.place[:-1] == place[:-1]]
    before = above[: above.index(place)]
    anchor = [part for part in parts if part.place in before or (part.header and part.place == place[:-1])]
    if not anchor and len(place) > 1:
        raise _by_hand(file, ".".join(map(str, place)))
    at = anchor[-1].end if anchor else parts[0].start if parts else len(lines)
    if added[0].startswith("#") and at and lines[at - 1]:
        added = ["", *added]
    return "\n".join([*lines[:at], *added, *lines[at:]]) + "\n"


def _declaration(text: str, place: Place) -> list[str]:
    """The lines of a text that declare `place`, with the comments above them."""
    lines, found = text.splitlines(), list[str]()
    for part in _parts(text):
        if part.place[: len(place)] == place:
            if part.header and found:
                found.append("")
            found.extend(lines[part.start : part.end])
    return found


def _parts(text: str) -> list[_Part]:
    lines = text.splitlines()
    return [_part(lines, line - 1, place) for line, place in declarations_in(text)]


def _part(lines: Sequence[str], line: int, place: Place) -> _Part:
    start = line
    while start > 0 and lines[start - 1].startswith("#"):
        start -= 1
    if lines[line].lstrip().startswith("["):
        return _Part(place, start, line + 1, header=True)
    return _Part(place, start, _end(lines, line), header=False)


def _end(lines: Sequence[str], line: int) -> int:
    """Where the entry that begins on `line` ends: a list may go over several lines."""
    for end in range(line + 1, len(lines) + 1):
        try:
            tomllib.loads("\n".join(lines[line:end]))
        except tomllib.TOMLDecodeError:
            continue
        return end
    return line + 1
