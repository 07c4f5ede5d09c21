"""Credits to look at: the report that `attribute --report` writes, and the pictures of `--charts`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stormops_graph.counts import counted
from stormops_graph.project import SETTINGS_FILE, Project

from .screen import margin, safe

if TYPE_CHECKING:
    from stormops_graph.reports.attribution import AttributionReport


@dataclass(frozen=True)
class Looks:
    """Where the report and the pictures go; None: none are wanted."""

    page: Path | None
    pictures: Path | None

    @property
    def wanted(self) -> bool:
        """Whether there is anything to draw."""
        return self.page is not None or self.pictures is not None

    def check(self) -> None:
        """Raise InputError for what could not be written, before an hour of work is done for it."""
        if not self.wanted:
            return
        from stormops_graph.pages.document import check_page
        from stormops_graph.pages.pictures import check_pictures

        if self.page is not None:
            check_page(self.page)
        if self.pictures is not None:
            check_pictures(self.pictures)

    def write(self, report: AttributionReport, folder: Path) -> None:
        """Write what is wanted, and say where it is."""
        if not self.wanted:
            return
        from stormops_graph.credit_page import page, pictures
        from stormops_graph.pages.document import write_page
        from stormops_graph.pages.pictures import write_pictures

        project = Project.open(folder) if (folder / SETTINGS_FILE).is_file() else None
        if self.page is not None:
            write_page(self.page, page(report, project.settings.project.name if project else "journeys"))
            _note(project, self.page)
            margin().print(safe(f"the report is in {self.page}"))
        if self.pictures is not None:
            written = write_pictures(self.pictures, pictures(report))
            _note(project, *written)
            margin().print(safe(f"{counted(len(written), 'chart')} in {self.pictures}"))


def _note(project: Project | None, *files: Path) -> None:
    """Let the project know what was written, so that `forget` finds it."""
    from stormops_graph.project.written import REPORT, note_written

    if project is not None:
        for file in files:
            note_written(project.written, REPORT, file)
