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

from stormops_graph.cli.app import main

_READ = ("stormops_graph.cli.app", "stormops_graph.cli.work", "stormops_graph.pipeline", "splink", "pandas", "duckdb")
_FORKS = get_context("forkserver")
_FORKS.set_forkserver_preload(list(_READ))


class Started:
    """A command under way; what it says on stderr is read as it comes."""

    def __init__(self, *words: str, environ: Mapping[str, str], file_limit: int | None = None) -> None:
        reader, writer = _FORKS.Pipe(duplex=False)
        self._process = _FORKS.Process(target=_typed, args=(words, dict(environ), writer, file_limit))
        self._process.start()
        writer.close()
        self._said = os.fdopen(os.dup(reader.fileno()), encoding="utf-8")
        reader.close()

    def __enter__(self) -> Started:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()  # one that hangs would be waited for without an end
        self.wait()
        self._said.close()
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

    def stands_after(self, stage: str) -> bool:
        """Read what it says until the stage has ended; whether there is such a stage."""
        return any(line.split()[1] == stage for line in self.lines())

    @contextmanager
    def held(self) -> Iterator[None]:
        """It stands still meanwhile: what is done to it does not come too late, however busy the machine is."""
        self.kill(signal.SIGSTOP)
        try:
            yield
        finally:
            self.kill(signal.SIGCONT)

    def wait(self, seconds: float = 120) -> str:
        """Wait for its end; what is left of what it said."""
        said = self._said.read()
        self._process.join(seconds)
        return said


def _typed(words: tuple[str, ...], environ: Mapping[str, str], stderr: Connection, file_limit: int | None) -> None:
    os.dup2(stderr.fileno(), 2)
    sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115
    os.environ.clear()
    os.environ.update(environ)
    if file_limit is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_limit, file_limit))
    main(words)
