"""What stops a run before anything is written: a feed that broke off or lost a column, a graph that is lost, or
households that changed too much at once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from stormops_graph.errors import FeedShrunk, GateBroken
from stormops_graph.reports.feeds import FeedRows, FileRows
from stormops_graph.reports.plan import Plan
from stormops_graph.settings import Gate, GateSettings

_FEWEST_CONTACTS = 10  # that are other people, below which it is no export that numbers its rows


def check_shrink(rows: Mapping[str, int], last: Mapping[str, int], most: float, allowed: Collection[str] = ()) -> None:
    """Raise FeedShrunk where a feed lost more than the share `most` of its rows since the last run.

    An export that broke off looks like homes that have gone; `allowed` names the feeds that may shrink.
    """
    lost = {
        feed: (before, rows.get(feed, 0))
        for feed, before in sorted(last.items())
        if feed not in allowed and rows.get(feed, 0) < before * (1 - most)
    }
    if lost:
        told = ", ".join(f"{feed} from {before:,} to {now:,} rows" for feed, (before, now) in lost.items())
        options = " ".join(f"--allow-shrink {feed}" for feed in lost)
        raise FeedShrunk(
            f"feeds have shrunk by more than {most:.0%} since the last run: {told} "
            "(those that can be read, repeats once)",
            f"look whether an export broke off; if it is right, run again with {options}",
        )


def check_columns(
    feeds: Sequence[FeedRows],
    files: Iterable[FileRows],
    last: Iterable[FeedRows],
    most: float,
    passed: Collection[str] = (),
) -> None:
    """Raise GateBroken where a column is gone or empty that more than the share `most` of a feed's rows had last time:
    in all of the feed, or in a file that did not lack it then.

    A column that need not be there is no error where it is missing, and one that was renamed is missing.
    """
    if Gate.column_lost in passed:
        return
    had = {feed.feed: feed for feed in last if feed.rows}
    _refuse_lost(_lost(feeds, had, most))
    _refuse_lacking(_lacking({feed.feed: feed for feed in feeds}, files, had, most))


def _lost(feeds: Iterable[FeedRows], had: Mapping[str, FeedRows], most: float) -> list[tuple[str, str, float]]:
    """(feed, column, share that had it) of the columns that no row of a feed has now."""
    return [
        (feed.feed, column, share)
        for feed in feeds
        for column, share in _frequent(had.get(feed.feed), most).items()
        if feed.lacks(column, share)
    ]


def _lacking(
    feeds: Mapping[str, FeedRows], files: Iterable[FileRows], had: Mapping[str, FeedRows], most: float
) -> list[tuple[str, str, str, float]]:
    """(feed, file, column, share that had it) of the columns that a file lacks and did not lack at the last run."""
    known = {name: feed.lacking for name, feed in had.items() if feed.lacking is not None}
    return [
        (file.feed, file.file, column, share)
        for file in files
        if file.feed in known
        for column, share in _frequent(had[file.feed], most).items()
        if feeds[file.feed].filled.get(column)
        and file.lacks(column, share)
        and file.file not in known[file.feed].get(column, ())
    ]


def _frequent(feed: FeedRows | None, most: float) -> dict[str, float]:
    """The share of a feed's rows that had each column, of those that more than `most` had."""
    shares = {column: feed.share(column) for column in feed.filled} if feed else {}
    return {column: share for column, share in shares.items() if share > most}


def _refuse_lost(lost: Sequence[tuple[str, str, float]]) -> None:
    if lost:
        told = ", ".join(f"{column} of {feed} ({share:.0%} of its rows)" for feed, column, share in lost)
        feed, column, _ = lost[0]
        raise GateBroken(
            f"{Gate.column_lost}: columns that rows had at the last run are gone, or empty: {told}",
            f"if one has another name now, map it under [feeds.{feed}.columns] in stormops.toml, as in "
            f'{column} = "its name there"; if it is right, run again with --pass {Gate.column_lost}',
        )


def _refuse_lacking(lacking: Sequence[tuple[str, str, str, float]]) -> None:
    if lacking:
        told = ", ".join(
            f"{column} of {feed} ({share:.0%} of its rows) in {file}" for feed, file, column, share in lacking
        )
        raise GateBroken(
            f"{Gate.column_lost}: columns that rows had at the last run are not in a file, or empty there: {told}",
            "if one has another name there, give it that of the other files in its header; if it is right, run again "
            f"with --pass {Gate.column_lost}",
        )


def check_contacts(replaced: int, contacts: int, most: float, passed: Collection[str] = ()) -> None:
    """Raise GateBroken where more than the share `most` of the contacts have nothing of whom their ids meant before.

    An export that numbers its rows hands every household's id, and what was decided of it, to strangers.
    """
    if replaced >= _FEWEST_CONTACTS and replaced > most * contacts and Gate.contacts_replaced not in passed:
        raise GateBroken(
            f"{Gate.contacts_replaced}: {replaced:,} of {contacts:,} contacts ({replaced / contacts:.2%}) are other "
            f"people: nothing is what their contact_id had at the last run; at most {most:.2%} may be",
            "look whether contact_id is the CRM's own id, and not the number of a row; if it is right, run again with "
            f"--pass {Gate.contacts_replaced}",
        )


def check_graph(known: str | None, wrote: str | None, passed: Collection[str] = ()) -> None:
    """Raise GateBroken where the workspace says that the run `known` wrote a graph, and none wrote this: it was lost.

    Household ids are the graph's own, so that all would be others, and no gate would see it: a first run has none.
    """
    if known is not None and wrote is None and Gate.ids_changed not in passed:
        raise GateBroken(
            f"{Gate.ids_changed}: the graph is empty, though the last run was {known}: all ids would be new",
            "bring the graph back: stormops-graph restore FILE; if it is to begin anew, run again with "
            f"--pass {Gate.ids_changed}",
        )


def check_households(plan: Plan, gates: GateSettings, passed: Collection[str] = ()) -> None:
    """Raise GateBroken where a plan goes further than a gate lets through; those `passed` do not count.

    All that is broken is told at once.
    """
    said = {gate: text for gate, text in broken(plan, gates).items() if gate not in passed}
    if said:
        options = " ".join(f"--pass {gate}" for gate in said)
        raise GateBroken(
            "\n".join(f"{gate}: {text}" for gate, text in said.items()),
            "see what the run would do: stormops-graph resolve --plan. Look for a shared number to block, a changed "
            "feed, new rules or another market's graph; if it is right, run again with "
            f"{options}, or set the gate in stormops.toml",
        )


def broken(plan: Plan, gates: GateSettings) -> dict[Gate, str]:
    """The gates that a plan does not get through, each with what it says to that."""
    found = {}
    most, moves = plan.largest, plan.households
    if most and most.records > gates.largest_household:
        found[Gate.largest_household] = (
            f"household {most.household} would have {most.records:,} records; "
            f"at most {gates.largest_household:,} may be"
        )
    had = moves.before + moves.gone
    if moves.gone > gates.households_gone * had:
        found[Gate.households_gone] = (
            f"{_of(moves.gone, had)} would be gone with all their records; at most {gates.households_gone:.2%} may"
        )
    if moves.ended > gates.ids_changed * moves.before:
        found[Gate.ids_changed] = (
            f"{_of(moves.ended, moves.before)} would lose their id; at most {gates.ids_changed:.2%} may"
        )
    if moves.merged + moves.split > gates.merges * moves.before:
        found[Gate.merges] = (
            f"{_of(moves.merged + moves.split, moves.before)} would be merged ({moves.merged:,}) or split "
            f"({moves.split:,}); at most {gates.merges:.2%} may"
        )
    return found


def _of(count: int, before: int) -> str:
    return f"{count:,} of {before:,} households ({count / before:.2%})"
