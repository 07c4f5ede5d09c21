"""Plans as files: JSON, for their owner's eyes only."""

from __future__ import annotations

import json
from pathlib import Path

from stormops_graph.errors import InputError, StoreError
from stormops_graph.reports.plan import Plan
from stormops_graph.services.private_file import write_private


def write_plan(file: Path, plan: Plan) -> None:
    """Write a plan to a 0600 file, in place of one that was there."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(file, json.dumps(plan.as_dict(), ensure_ascii=False, indent=1) + "\n")
    except OSError as error:
        raise StoreError(
            f"{file} cannot be written: {error.strerror}", "check the folder's rights and space"
        ) from error


def read_plan(file: Path) -> Plan:
    """The plan in a file; raises InputError where it is none, or was edited."""
    hint = "name a file that `resolve --plan` wrote, or make a new one"
    try:
        found = json.loads(file.read_text("utf-8"))
        if not isinstance(found, dict):
            raise ValueError
        return Plan.from_dict(found)
    except FileNotFoundError as error:
        raise InputError(f"{file} is not there", hint) from error
    except (OSError, ValueError) as error:
        raise InputError(f"{file} is no plan of this version, or was edited", hint) from error
