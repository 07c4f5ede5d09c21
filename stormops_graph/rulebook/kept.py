"""The rules that runs went by: a copy of the rules folder in `.stormops/rules/<hash>`, to compare with.

Invariant: a copy is named after its content and never changes; `last` names the one of the last complete run.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path

from stormops_graph.errors import NotFound
from stormops_graph.project import Project
from stormops_graph.rules.ruleset import PERSON

SHIPPED, LAST = "shipped", "last"
MOST = 20  # copies; the oldest go first
_LENGTH = 12  # hex digits of a name


def rule_files(folder: Path) -> dict[str, Path]:
    """Name → file of everything that the rules in `folder` are made of."""
    found = sorted([*folder.glob("*.toml"), *folder.glob("trained/*.json")])
    return {file.relative_to(folder).as_posix(): file for file in found}


def keep(project: Project) -> str:
    """Keep a copy of the project's rules as they are now; its name."""
    content = hashlib.sha256()
    for name, file in rule_files(project.rules).items():
        content.update(f"{name}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    kept = content.hexdigest()[:_LENGTH]
    folder = _shelf(project) / kept
    if not folder.is_dir():
        making = folder.with_suffix(".new")
        shutil.rmtree(making, ignore_errors=True)
        for name, file in rule_files(project.rules).items():
            (making / name).parent.mkdir(parents=True, exist_ok=True)
            (making / name).write_bytes(file.read_bytes())
        making.rename(folder)
    return kept


def went_by(project: Project, kept: str) -> None:
    """Say that the last complete run went by this copy; copies too many are dropped."""
    shelf = _shelf(project)
    (shelf / LAST).write_text(kept + "\n", "utf-8")
    (shelf / kept).touch()
    copies = sorted((copy for copy in shelf.iterdir() if copy.is_dir()), key=lambda copy: copy.stat().st_mtime_ns)
    for old in copies[:-MOST]:
        shutil.rmtree(old)


def last_kept(project: Project) -> str | None:
    """The name of the copy that the last complete run went by; None where there is none."""
    note = _shelf(project) / LAST
    return note.read_text("utf-8").strip() if note.is_file() else None


@contextmanager
def rules_called(project: Project, name: str) -> Iterator[Path]:
    """The folder of the rules that `name` means: `shipped`, `last`, the start of a kept copy's name, or a folder.

    Raises NotFound.
    """
    if name == SHIPPED:
        with as_file(files("stormops_graph.matching_rules")) as folder:
            yield folder
        return
    yield _last(project) if name == LAST else _copy(project, name)


def _last(project: Project) -> Path:
    if (name := last_kept(project)) and (copy := _shelf(project) / name).is_dir():
        return copy
    raise NotFound("no complete run has kept its rules yet", "make one: stormops-graph resolve")


def _copy(project: Project, name: str) -> Path:
    folder = Path(name)
    if (folder / PERSON).is_file():
        return folder
    found = sorted(_shelf(project).glob(f"{name}*/")) if name.isalnum() else []
    if len(found) == 1:
        return found[0]
    raise NotFound(
        f"{name} is neither a folder of rules nor rules that a run went by",
        f"name a folder, {SHIPPED}, {LAST}, or one of those in {_shelf(project)}",
    )


def _shelf(project: Project) -> Path:
    return project.state / "rules"
