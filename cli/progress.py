"""Progress of a run on stderr: bars on a terminal, one dated line a stage anywhere else."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import RLock

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from stormops_graph import ports
from stormops_graph.plain_text import plain

from .screen import margin, seconds

_EVERY = 30.0  # seconds between two lines of one stage in a log


def progress_for(console: Console | None = None) -> ports.Progress:
    """Bars where stderr is a terminal, else lines."""
    console = console or margin()
    return Bars(console) if console.is_terminal else Lines(console)


class Lines:
    """A dated line for each stage that ends, and for a long one every half minute."""

    def __init__(self, console: Console) -> None:
        self._console = console

    @contextmanager
    def stage(self, name: str) -> Iterator[ports.Task]:
        """Open a stage; its line is written when it closes."""
        started = time.monotonic()
        outcome = "failed after "
        try:
            yield _LoggedTask(self, name)
            outcome = ""
        finally:
            self.note(f"{name:<28} {outcome}{seconds(time.monotonic() - started)}")

    def note(self, text: str) -> None:
        """Write one dated line."""
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self._console.print(Text(f"{now}  {plain(text)}"), soft_wrap=True)


class _LoggedTask:
    def __init__(self, lines: Lines, name: str) -> None:
        self._lines, self._name = lines, name
        self._done, self._total = 0, 0
        self._last = time.monotonic()
        self._lock = RLock()

    def advance(self, amount: int = 1) -> None:
        with self._lock:
            self._done += amount
            if time.monotonic() - self._last < _EVERY:
                return
            self._last = time.monotonic()
            of = f" of {self._total:,}" if self._total else ""
            self._lines.note(f"{self._name:<28} {self._done:,}{of}")

    def total(self, amount: int) -> None:
        self._total = amount


class Bars:
    """A bar for each open stage; a stage that ended leaves a line with its time."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._lock = RLock()
        self._open = 0
        self._display = self._fresh()

    def _fresh(self) -> Progress:
        return Progress(
            TextColumn("  {task.description:<28}", markup=False),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[done]:>7}"),
            TimeElapsedColumn(),
            console=self._console,
            transient=True,
        )

    @contextmanager
    def stage(self, name: str) -> Iterator[ports.Task]:
        """Open a stage with its bar, which moves until it closes."""
        started = time.monotonic()
        task = self._begin(plain(name))
        outcome = "failed after "
        try:
            yield _ShownTask(self._display, task)
            outcome = ""
        finally:
            self._end(task, f"  {plain(name):<28} {outcome}{seconds(time.monotonic() - started)}")

    def note(self, text: str) -> None:
        """Say one line above the bars."""
        self._console.print(Text(f"  {plain(text)}"))

    def _begin(self, name: str) -> TaskID:
        with self._lock:
            if not self._open:
                self._display = self._fresh()
                self._display.start()
            self._open += 1
            return self._display.add_task(name, total=None, done="")

    def _end(self, task: TaskID, line: str) -> None:
        with self._lock:
            self._display.remove_task(task)
            self._open -= 1
            if not self._open:
                self._display.stop()
            self._console.print(Text(line))


class _ShownTask:
    def __init__(self, display: Progress, task: TaskID) -> None:
        self._display, self._task = display, task
        self._done, self._total = 0, 0

    def advance(self, amount: int = 1) -> None:
        self._done += amount
        share = f"{min(100, 100 * self._done // self._total)} %" if self._total else f"{self._done:,}"
        self._display.update(self._task, advance=amount, done=share)

    def total(self, amount: int) -> None:
        self._total = amount
        self._display.update(self._task, total=amount)
