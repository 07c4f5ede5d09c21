"""Data that others made, fetched from PyPI into an environment of its own, so that the project's stays as locked."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import venv
from pathlib import Path

HERE = Path(__file__).parent
ENVIRONMENT = HERE / ".data" / "environment"


def fetch(source: str) -> Path:
    """The folder with the Parquet files that `sources/<source>_rows.py` writes; made at the first call."""
    folder = HERE / ".data" / source
    if not (folder / "done").exists():
        python = _environment()
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run([python, "-I", HERE / "sources" / f"{source}_rows.py", folder], check=True, stderr=sys.stdout)
        (folder / "done").touch()
    return folder


def _environment() -> Path:
    python = ENVIRONMENT / "bin" / "python"
    if not (ENVIRONMENT / "ready").exists():
        group = tomllib.loads((HERE.parent / "pyproject.toml").read_text("utf-8"))["dependency-groups"]["bench-data"]
        print(f"installing {', '.join(group)} into {ENVIRONMENT.relative_to(HERE.parent)}", flush=True)
        venv.create(ENVIRONMENT, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *group], check=True)
        (ENVIRONMENT / "ready").touch()
    return python
