"""The edge of the command line, where errors become words and an exit code.

Invariant: a user never sees a traceback; what is unforeseen goes to a 0600 file without local variables.
"""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.text import Text

from stormops_graph.chances import chance
from stormops_graph.errors import Ambiguous, StormopsError, interrupts_raised
from stormops_graph.plain_text import plain
from stormops_graph.project import SETTINGS_FILE

from .screen import margin

EXIT_CODES = {
    0: "done",
    1: "nothing is known under that name, or several homes are meant",
    2: "the command line is not understood",
    3: "stormops.toml, a rules file or a model is wrong",
    4: "a feed cannot be read",
    5: "Neo4j, Postgres or the workspace refuses or does not answer",
    6: "another run is under way",
    7: "a gate stopped the run before anything was written",
    8: "the last resolve did not finish, so there is nothing to attribute",
    9: "verify: graph and Postgres do not agree",
    10: "a verdict contradicts one that is in force",
    12: "a plan was not applied, as something has changed since it was made",
    70: "internal error, with details in a log file",
    130: "interrupted",
}

_INTERRUPTED = 130


def guarded(command: Callable[[], object], arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run `command`; its exit code, with the errors of our own tree and unforeseen ones told in words."""
    try:
        with interrupts_raised():
            command()
    except StormopsError as error:
        _tell(error)
        return error.exit_code
    except KeyboardInterrupt:
        return _interrupted()
    except SystemExit as end:
        if end.code == _INTERRUPTED:  # Typer has met the interrupt before us
            return _interrupted()
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except Exception as error:  # noqa: BLE001  (the one place where everything is caught)
        _tell_unforeseen(error, _logs(arguments, environ))
        return 70
    return 0


def _interrupted() -> int:
    margin().print("interrupted; nothing is lost: run the command again")
    return _INTERRUPTED


def _tell(error: StormopsError) -> None:
    console = margin()
    lines = [Text(plain(line)) for line in error.message.splitlines() or [type(error).__name__]]
    lines[0] = Text("error: ", style="bold red") + lines[0]
    if isinstance(error, Ambiguous):
        lines += [
            Text(f"  {candidate.household_id}  {chance(candidate.confidence)}  {plain(candidate.reason)}")
            for candidate in error.candidates
        ]
    if error.hint:
        lines.append(Text("  what to do: ", style="bold") + Text(plain(error.hint)))
    for line in lines:
        console.print(line, soft_wrap=True)


def _tell_unforeseen(error: Exception, folder: Path) -> None:
    console = margin()
    said = f"internal error ({type(error).__name__}); details in {_write_log(error, folder)}"
    console.print(Text("error: ", style="bold red") + Text(plain(said)), soft_wrap=True)
    console.print(Text("  what to do: run the command again; if it stays, report it with that file"), soft_wrap=True)


def _write_log(error: Exception, folder: Path) -> Path:
    name = f"error-{datetime.now(UTC):%Y%m%dT%H%M%SZ}-"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, path = tempfile.mkstemp(".log", name, folder)
    except OSError:
        handle, path = tempfile.mkstemp(".log", f"stormops-graph-{name}")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(f"stormops-graph on Python {sys.version}\n")
        file.writelines(traceback.format_exception(error))
    return Path(path)


def _logs(arguments: Sequence[str], environ: Mapping[str, str]) -> Path:
    """The logs folder of the project that was meant, or the system's temporary one where there is none."""
    folder = Path(environ.get("STORMOPS_PROJECT") or ".")
    for option, value in zip(arguments, [*arguments[1:], ""], strict=True):
        if option == "--project":
            folder = Path(value)
        elif option.startswith("--project="):
            folder = Path(option.partition("=")[2])
    has_project = (folder / SETTINGS_FILE).is_file()
    return folder.resolve() / ".stormops" / "logs" if has_project else Path(tempfile.gettempdir())
