"""Commands as processes of their own, which tests kill; forked off one that has read the program already.

Reading it takes longer than what most of these processes do before they are struck.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TextIO

from stormops_graph.cli.app import main

_READ = ("stormops_graph.cli.app", "stormops_graph.cli.work", "stormops_graph.pipeline", "splink", "pandas", "duckdb")
_FORKS = get_context("forkserver")
_FORKS.set_forkserver_preload(list(_READ))


class Started:
    """A command under way; what it says on stderr is read as it comes.

    Where `until` names a stage it waits when that has ended: what is done to it then does not come too late, however
    busy the machine is.
    """

    def __init__(
        self, *words: str, environ: Mapping[str, str], file_limit: int | None = None, until: str | None = None
    ) -> None:
        reader, writer = _FORKS.Pipe(duplex=False)
        waits, self._go_on = _FORKS.Pipe(duplex=False)
        self._until = until
        self._process = _FORKS.Process(target=_typed, args=(words, dict(environ), writer, file_limit, until, waits))
        self._process.start()
        writer.close()
        waits.close()
        self._said = os.fdopen(os.dup(reader.fileno()), encoding="utf-8")
        reader.close()

    def __enter__(self) -> Started:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()  # one that hangs would be waited for without an end
        self.wait()
        self._said.close()
        self._go_on.close()
        self._process.close()

    @property
    def exit_code(self) -> int | None:
        """Its exit code, or the negative signal that ended it; None while it runs."""
        return self._process.exitcode

    def lines(self) -> Iterator[str]:
        """What it says on stderr, line by line, until it ends."""
        return iter(self._said)

    def kill(self, sign: signal.Signals = signal.SIGKILL) -> None:
        """Send it a signal, unless it has ended."""
        if self._process.is_alive() and self._process.pid:
            with suppress(ProcessLookupError):  # it may end just now
                os.kill(self._process.pid, sign)

    def says(self, stage: str) -> bool:
        """Read what it says until the stage has ended; whether there is such a stage."""
        return any(_told(line, stage) for line in self.lines())

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """It stands still meanwhile, wherever it is; it may be killed."""
        self.kill(signal.SIGSTOP)
        try:
            yield
        finally:
            self.kill(signal.SIGCONT)

    @contextmanager
    def standing(self) -> Iterator[None]:
        """It waits meanwhile, after the stage that it was to run until."""
        assert self._until and self.says(self._until), f"there is no stage {self._until}"
        try:
            yield
        finally:
            with suppress(BrokenPipeError):  # it was killed
                self._go_on.send_bytes(b"go on")

    def wait(self, seconds: float = 120) -> str:
        """Wait for its end; what is left of what it said."""
        said = self._said.read()
        self._process.join(seconds)
        return said


def _told(text: str, stage: str) -> bool:
    """Whether a line says that the stage has ended: first when, then which."""
    return text.split()[1:2] == [stage]


class _UntilStage:
    """A stream on which a process waits as soon as it has said there that a stage has ended."""

    def __init__(self, stream: TextIO, stage: str, waits: Connection) -> None:
        self._stream, self._stage, self._waits = stream, stage, waits

    def write(self, text: str) -> int:
        written = self._stream.write(text)
        if any(_told(line, self._stage) for line in text.splitlines()):
            self._stream.flush()
            self._waits.recv_bytes()
        return written

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _typed(
    words: tuple[str, ...],
    environ: Mapping[str, str],
    stderr: Connection,
    file_limit: int | None,
    until: str | None,
    waits: Connection,
) -> None:
    os.dup2(stderr.fileno(), 2)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # as typed: tests in the background ignore it
    if until:
        sys.stderr = _UntilStage(sys.stderr, until, waits)  # type: ignore[assignment]
    sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    os.environ.clear()
    os.environ.update(environ)
    if file_limit is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_limit, file_limit))
    main(words)
