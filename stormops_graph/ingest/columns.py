"""Which of a file's columns stand for which of a feed's columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rapidfuzz import process, utils

from stormops_graph.errors import ColumnMissing, InputError, SettingsError
from stormops_graph.ingest.feeds import Feed


def own_names(feed: Feed, columns: Mapping[str, str]) -> dict[str, str]:
    """Default name → the user's name; raises SettingsError for a column that the feed does not have."""
    names = [column.name for column in feed.columns]
    for name in sorted(columns.keys() - set(names)):
        near = process.extractOne(name, names, score_cutoff=60)
        raise SettingsError(
            f"stormops.toml: [feeds.{feed.name}.columns] {name}: the feed has no such column",
            f"did you mean {near[0]}?" if near else f"its columns are: {', '.join(names)}",
        )
    return {name: columns.get(name, name) for name in names}


def locate(feed: Feed, own: Mapping[str, str], header: Sequence[str], file: str) -> dict[str, int]:
    """Default name → position in the header, letter case and outer blanks aside.

    Raises ColumnMissing for a required column, with the nearest name there is.
    """
    places: dict[str, list[int]] = {}
    for place, name in enumerate(header):
        places.setdefault(_plain(name), []).append(place)
    found = {}
    for column in feed.columns:
        at = places.get(_plain(own[column.name]), [])
        if len(at) > 1:
            raise InputError(f"feed {feed.name}: {file} has the column {own[column.name]} twice", "rename one of them")
        if at:
            found[column.name] = at[0]
        elif column.required:
            raise missing(feed, column.name, own, header, file)
    return found


def missing(feed: Feed, name: str, own: Mapping[str, str], header: Sequence[str], file: str) -> ColumnMissing:
    """The error for a required column, naming feed, file, column and a near miss that is no column of ours."""
    known = {_plain(column) for column in own.values()}
    strange = [column for column in header if _plain(column) not in known]
    near = process.extractOne(own[name], strange, processor=utils.default_process, score_cutoff=70)
    hint = f"{near[0]} looks like it: " if near else ""
    if len(header) == 1:
        hint = f"the whole header is one column: is delimiter under [feeds.{feed.name}] right? Else "
    return ColumnMissing(
        f"feed {feed.name}: {file} has no column {own[name]}",
        f'{hint}map it under [feeds.{feed.name}.columns] in stormops.toml, as in {name} = "its name there"',
    )


def _plain(name: str) -> str:
    return name.strip().casefold()
