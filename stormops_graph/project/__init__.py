"""A project: the folder that holds `stormops.toml`, and where everything of it lies."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from stormops_graph.errors import SettingsError
from stormops_graph.rules.declarations import read_declaration
from stormops_graph.settings import Settings

SETTINGS_FILE = "stormops.toml"


@dataclass(frozen=True)
class Project:
    """A project's folder and settings; every path of it is derived here."""

    folder: Path
    settings: Settings

    @classmethod
    def open(cls, folder: Path) -> Project:
        """Read the project in `folder`; raises SettingsError with file, line and field."""
        folder = folder.resolve()
        file = folder / SETTINGS_FILE
        if not file.is_file():
            raise SettingsError(
                f"{folder} has no {SETTINGS_FILE}",
                "go to a project's folder, name it with --project DIR, or make one: "
                "stormops-graph init DIR --feeds FOLDER",
            )
        return cls(folder, read_declaration(file, Settings))

    @property
    def state(self) -> Path:
        """The folder of everything the software makes: servers' data, workspace, credentials, logs."""
        return self.folder / ".stormops"

    @property
    def workspace(self) -> Path:
        """The DuckDB file of the stage tables; derived, may be deleted."""
        return self.state / "workspace.duckdb"

    @property
    def plan(self) -> Path:
        """The last plan that was made and not named otherwise."""
        return self.state / "plan.json"

    @property
    def seen_together(self) -> Path:
        """The feed of identifiers that callers saw together; append-only, not derived from anything."""
        return self.state / "seen_together.jsonl"

    @property
    def decisions(self) -> Path:
        """The stewards' verdicts, one a line; append-only, a lost graph gets them back from here."""
        return self.folder / "decisions.jsonl"

    @property
    def shared(self) -> Path:
        """What stewards ruled of identifiers, one ruling a line; append-only, kept nowhere else."""
        return self.folder / "shared.jsonl"

    @property
    def closings(self) -> Path:
        """Which storms' books were closed or opened again, one entry a line; append-only, kept nowhere else."""
        return self.folder / "closings.jsonl"

    @property
    def forgotten(self) -> Path:
        """Who was forgotten, one erasure a line, as keyed hashes and counts; append-only, kept nowhere else."""
        return self.folder / "forgotten.jsonl"

    @property
    def forgetting_key(self) -> Path:
        """The key of those hashes."""
        return self.state / "forgetting.key"

    @property
    def written(self) -> Path:
        """The register of the files that were written for others to take away, one a line."""
        return self.state / "written.jsonl"

    @property
    def rules(self) -> Path:
        """The folder of the matching rules."""
        return self.folder / self.settings.project.rules
