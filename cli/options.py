"""Options that commands share."""

from __future__ import annotations

import getpass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

ProjectFolder = Annotated[
    Path,
    typer.Option(
        "--project",
        metavar="DIR",
        envvar="STORMOPS_PROJECT",
        help="The project's folder, the one that holds stormops.toml.",
        show_default="the current folder",
    ),
]
Household = Annotated[
    str,
    typer.Argument(
        metavar="HOUSEHOLD", help="A household's id, an old one too, or its first 8 characters where these suffice."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")]
HERE = Path()
_DAY = "%Y-%m-%d"
Show = Annotated[bool, typer.Option("--show", help="Show names and identifiers in full instead of masked.")]
At = Annotated[
    datetime | None,
    typer.Option(
        "--at",
        metavar="DATE",
        formats=[_DAY, *(f"{_DAY}{between}{time}" for between in "T " for time in ("%H:%M", "%H:%M:%S"))],
        help="As it was then, UTC: YYYY-MM-DD, or with a time: YYYY-MM-DDTHH:MM[:SS], or a blank for the T.",
        show_default="now",
    ),
]
STEWARD = "STORMOPS_STEWARD"
Steward = Annotated[
    str | None,
    typer.Option("--by", metavar="NAME", envvar=STEWARD, help="Who decides.", show_default="the login name"),
]


def steward(named: str | None) -> str:
    """Who decides: as named, or else by login name."""
    if named and named.strip():
        return named.strip()
    try:
        return getpass.getuser()
    except (OSError, KeyError) as error:
        raise typer.BadParameter(f"say who decides: --by NAME, or set {STEWARD}") from error


def stated(reason: str) -> str:
    """Why somebody decides; raises BadParameter where it says nothing."""
    if not reason.strip():
        raise typer.BadParameter("--reason must say something: whoever reviews this later will ask")
    return reason
