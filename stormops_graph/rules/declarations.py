"""A TOML file held to its pydantic model.

Invariant: whatever is wrong with the file is told as `file:line: field: what is wrong`, all of it at once,
with the nearest allowed name where a name is unknown; the file's values are not repeated.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from rapidfuzz import fuzz, process

from stormops_graph.errors import SettingsError
from stormops_graph.settings import UNKNOWN_NAME

Model = TypeVar("Model", bound=BaseModel)
Place = tuple[str | int, ...]

_TABLE = re.compile(r"^\s*(\[{1,2})\s*([^\[\]]+?)\s*\]{1,2}\s*(?:#.*)?$")
_ENTRY = re.compile(r"""^\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_NAME = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")
UPGRADE = "have what is missing added with its shipped value; yours stay: stormops-graph rules upgrade"
_KEY = "[key]"  # what pydantic calls the key of a mapping, after the key itself
_NEAR = 60.0  # rapidfuzz ratio above which a name is offered instead of an unknown one


def read_declaration(file: Path, model: type[Model]) -> Model:
    """The file's content as `model`; raises SettingsError naming file, line and field of everything wrong."""
    try:
        text = file.read_text("utf-8-sig")
        return model.model_validate(tomllib.loads(text))
    except FileNotFoundError as error:
        hint = "correct rules under [project] in stormops.toml, or have it put back: stormops-graph rules upgrade"
        raise SettingsError(f"{file}: no such file", hint) from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: cannot be read as UTF-8 text", "save it as UTF-8 text") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(*_syntax(file, error)) from error
    except ValidationError as error:
        raise SettingsError(*_complaints(file, text, model, error)) from error


def nearest(name: str, allowed: Sequence[str]) -> str | None:
    """The allowed name that `name` was most likely meant to be, if any comes near."""
    found = process.extractOne(name, sorted(allowed), scorer=fuzz.ratio, score_cutoff=_NEAR)
    return str(found[0]) if found else None


def line_of(text: str, place: Sequence[str | int]) -> int | None:
    """The line (from 1) where `place`, a path of keys, is declared in TOML `text`; else that of its table."""
    best: tuple[int, int] = (0, 0)
    for line, there in declarations_in(text):
        depth = len(there)
        if depth > best[0] and tuple(place[:depth]) == there:
            best = (depth, line)
    return best[1] or None


def declarations_in(text: str) -> Iterator[tuple[int, Place]]:
    """Every table and entry of TOML `text`, with its line; arrays of tables are counted from 0."""
    table: Place = ()
    last: dict[Place, int] = {}  # of each array of tables
    for line, content in enumerate(text.splitlines(), start=1):
        if header := _TABLE.match(content):
            *above, name = _names(header[2])
            table = (*_within(above, last), name)
            if header[1] == "[[":
                last[table] = last.get(table, -1) + 1
                table = (*table, last[table])
            yield line, table
        elif entry := _ENTRY.match(content):
            yield line, table + _names(entry[1])


def _within(names: Sequence[str | int], last: Mapping[Place, int]) -> Place:
    """The place of `names`: in an array of tables it is in the last one."""
    place: Place = ()
    for name in names:
        place = (*place, name)
        if place in last:
            place = (*place, last[place])
    return place


def _names(dotted: str) -> Place:
    return tuple(name.strip("\"'") for name in _NAME.findall(dotted))


def _syntax(file: Path, error: tomllib.TOMLDecodeError) -> tuple[str, str]:
    at = re.search(r"^(.*) \(at line (\d+), column (\d+)\)$", str(error))
    if at:
        return (
            f"{file}:{at[2]}: not TOML: {at[1].lower()} at column {at[3]}",
            "text must be in quotes, lists in [ ]",
        )
    return f"{file}: not TOML: {error}", "text must be in quotes, lists in [ ]"


def _complaints(file: Path, text: str, model: type[BaseModel], error: ValidationError) -> tuple[str, str]:
    lines: list[str] = []
    hint = "correct it there and run the command again"
    for problem in error.errors(include_url=False, include_context=True, include_input=False):
        place = _without_branches(problem["loc"], model)
        said, advice = _complaint(problem, place, model)
        number = line_of(text, place)
        head = f"{file}:{number}" if number else str(file)
        line = f"{head}: {'.'.join(map(str, place))}: {said}"
        if line not in lines:
            lines.append(line)
        hint = advice or hint
    return "\n".join(lines), hint


def _complaint(problem: Any, place: Place, model: type[BaseModel]) -> tuple[str, str]:
    """What is wrong, and what to do about it."""
    if problem["type"] == "extra_forbidden":
        return _unknown(str(place[-1]), _allowed(model, place[:-1]))
    if problem["type"] == UNKNOWN_NAME:
        return _unknown(problem["ctx"]["name"], problem["ctx"]["allowed"])
    if problem["type"] == "missing":
        in_a_list = any(isinstance(step, int) for step in place)  # which ships no value for an entry of yours
        return "is required but not there", UPGRADE if "version" in model.model_fields and not in_a_list else ""
    message = str(problem["msg"]).removeprefix("Value error, ").replace("Input should be", "must be")
    return message[:1].lower() + message[1:], ""


def _unknown(name: str, allowed: Sequence[str]) -> tuple[str, str]:
    near = nearest(name, allowed)
    said = f"unknown name; did you mean {near}?" if near else "unknown name"
    return said, f"allowed there: {', '.join(allowed)}" if allowed else ""


def _without_branches(location: Sequence[str | int], model: type[BaseModel]) -> Place:
    """The location without the names that pydantic adds: a union's branches (`str`, `list[str]`), and what a key is."""
    place: list[str | int] = []
    shape: Any = model
    for step in location:
        below = _below(shape, step)
        if step == _KEY or (below is None and shape is not None and not _is_model(shape)):
            break
        place.append(step)
        shape = below
    return tuple(place)


def _below(shape: Any, step: str | int) -> Any:
    """The type declared for `step` inside `shape`, or None where nothing is declared."""
    origin, arguments = get_origin(shape), get_args(shape)
    if origin is dict:
        return arguments[1]
    if origin in (list, tuple, set):
        return arguments[0]
    for option in (shape, *arguments):
        if _is_model(option):
            field = option.model_fields.get(str(step))
            return field.annotation if field else None
    return None


def _is_model(shape: Any) -> bool:
    return isinstance(shape, type) and issubclass(shape, BaseModel)


def _allowed(model: type[BaseModel], place: Place) -> list[str]:
    shape: Any = model
    for step in place:
        shape = _below(shape, step)
    models = [option for option in (shape, *get_args(shape)) if _is_model(option)]
    return sorted(models[0].model_fields) if models else []
