"""Every error a user can meet, in one tree, each with what to do about it.

StormopsError
├── SettingsError        stormops.toml or a rules file is wrong (file, line, field)
├── InputError           a feed cannot be read
│   ├── FeedMissing      a declared file is not there
│   ├── ColumnMissing    a required column is not there
│   ├── FeedShrunk       a feed lost more than the gate allows
│   └── Mistyped         what was typed is no phone, no date, no file of that kind, or twice the same
├── ModelError           a linkage model is untrained, extreme or does not fit its rules
├── StoreError           Neo4j, Postgres or the workspace refuses
│   ├── ServerDown       nobody answers
│   ├── KeptElsewhere    a verdict is in the graph, and not everywhere else that it has to be
│   └── PortTaken        another program listens there
├── Busy                 another run holds the lock
│   └── Outdated         a newer run has replaced what was shown
├── GateBroken           a gate of stormops.toml stops the run before anything is written
├── PlanStale            what a plan rests on has changed since it was made
├── Incomplete           the last resolve did not finish, so there is nothing to attribute
├── Disagreement         verify found graph and Postgres apart
├── Contradiction        a verdict opposes an earlier one
├── NotFound             nothing is known under that name
└── Ambiguous            identifiers point to more than one home
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


class StormopsError(Exception):
    """What went wrong, and what to do about it; `exit_code` is the command's exit status."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class SettingsError(StormopsError):
    """A settings or rules file is wrong; the message names file, line and field."""

    exit_code = 3


class InputError(StormopsError):
    """A feed cannot be read as it is."""

    exit_code = 4


class FeedMissing(InputError):
    """A file named in the settings does not exist."""


class ColumnMissing(InputError):
    """A required column is absent from a file."""


class FeedShrunk(InputError):
    """A feed has far fewer rows than at the last run."""

    exit_code = 7


class Mistyped(InputError):
    """What was typed cannot be read: a phone that is none, a date, a file's name or its ending, one record twice."""

    exit_code = 2


class ModelError(StormopsError):
    """A linkage model must not be used: untrained, extreme, or trained for other rules."""

    exit_code = 3


class StoreError(StormopsError):
    """A store refuses what was asked."""

    exit_code = 5


class ServerDown(StoreError):
    """A server does not answer."""


class KeptElsewhere(StoreError):
    """A verdict is in the graph and in force, but could not be written everywhere else that it has to be."""


class PortTaken(StoreError):
    """Another program listens on a port that a server needs."""


class Busy(StormopsError):
    """Another run is under way; the message names its owner."""

    exit_code = 6


class Outdated(Busy):
    """A newer run has replaced what was shown."""


class GateBroken(StormopsError):
    """A gate stops the run before anything is written."""

    exit_code = 7


class PlanStale(StormopsError):
    """A plan is not applied, as something that it rests on has changed; nothing was written."""

    exit_code = 12


class Incomplete(StormopsError):
    """The last resolve did not finish."""

    exit_code = 8


class Disagreement(StormopsError):
    """Two stores that must say the same do not."""

    exit_code = 9


class Contradiction(StormopsError):
    """A verdict opposes one that is in force."""

    exit_code = 10


class NotFound(StormopsError):
    """Nothing is known under that name."""

    exit_code = 1


@dataclass(frozen=True)
class Candidate:
    """A home that an ambiguous set of identifiers could mean."""

    household_id: str
    reason: str
    confidence: float


class Ambiguous(StormopsError):
    """The identifiers point to more than one home; `candidates` says which."""

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        super().__init__(
            f"the identifiers point to {len(candidates)} households",
            "ask with one identifier at a time, or look at the candidates",
        )
        self.candidates = tuple(candidates)


REFUSALS = (InputError, GateBroken, PlanStale)
"""What refuses a run before anything is written to graph or Postgres."""


@contextmanager
def written_in(folder: Path) -> Iterator[None]:
    """Raise InputError where the folder that was named for files cannot be made or written."""
    try:
        yield
    except OSError as error:
        raise InputError(f"{folder} cannot be written: {error.strerror}", "name a folder of yours") from error


@contextmanager
def interrupts_raised() -> Iterator[None]:
    """Raise KeyboardInterrupt where Ctrl-C is behind another error: DuckDB raises its own, and others may follow."""
    try:
        yield
    except Exception as error:
        if _is_interrupt(error):
            raise KeyboardInterrupt from error
        raise


def _is_interrupt(error: BaseException) -> bool:
    """Whether it, or what it came of, is an interrupt or what DuckDB makes of one; errors may come of each other."""
    seen: list[BaseException] = []
    came_of: BaseException | None = error
    while came_of is not None and came_of not in seen:
        if isinstance(came_of, KeyboardInterrupt):
            return True
        if isinstance(came_of, RuntimeError) and str(came_of) == "Query interrupted":
            return True
        seen.append(came_of)
        came_of = came_of.__cause__ or came_of.__context__
    return False
