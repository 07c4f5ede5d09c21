"""Options that commands share."""

from __future__ import annotations

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
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")]
HERE = Path()
