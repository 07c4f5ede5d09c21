"""The workspace: the DuckDB file of the stage tables, for its owner's eyes only."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from stormops_graph.errors import REFUSALS, Busy, Incomplete, StoreError
from stormops_graph.settings import WorkspaceSettings
from stormops_graph.tables import Connection

MEMORY_MB = WorkspaceSettings().memory_mb


@contextmanager
def open_workspace(file: Path, *, threads: int | None = None, memory_mb: int = MEMORY_MB) -> Iterator[Connection]:
    """The workspace in `file`, made where there is none; what `memory_mb` does not hold goes to disk.

    Raises Busy when another process has it, StoreError when it cannot be written, as on a full disk.
    """
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    config: dict[str, str | bool | int | float | list[str]] = {"temp_directory": str(file.with_suffix(".tmp"))}
    # Most of it is written anew in every run: to compress it would take a fifth of a run.
    config["force_compression"] = "uncompressed"
    # A night changes a little of every table: to take its log into the file once is cheaper than every 16 MB.
    config["checkpoint_threshold"] = "512MB"
    if threads is not None:
        config["threads"] = threads
    config["memory_limit"] = f"{memory_mb}MB"
    con = _connect(file, config)
    try:
        with workspace_told(f"the workspace {file}"):
            yield con
    finally:
        con.close()


@contextmanager
def workspace_told(workspace: str = "the workspace") -> Iterator[None]:
    """Raise StoreError where the workspace cannot be written, or its memory does not do."""
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise StoreError(
            f"{workspace} has too little memory for these feeds", "raise memory_mb under [workspace] in stormops.toml"
        ) from error
    except (duckdb.IOException, duckdb.TransactionException, duckdb.FatalException) as error:
        raise StoreError(
            f"{workspace} cannot be written", "make room on its disk, then run again: it goes on from there"
        ) from error


@contextmanager
def open_copy(file: Path, *, memory_mb: int = MEMORY_MB) -> Iterator[Connection]:
    """A copy of the workspace in `file`, to be written in and dropped; raises Busy when another process has it."""
    copy = _copy_of(file)
    try:
        with open_workspace(file):  # what a crash left in its log is taken into the file
            pass
        _make_copy(file, copy)
        with open_workspace(copy, memory_mb=memory_mb) as con:
            yield con
    except OSError as error:
        raise StoreError(f"the workspace cannot be copied: {error.strerror}", "check the disk's space") from error
    finally:
        _drop(copy)


@contextmanager
def open_revertible(file: Path, *, memory_mb: int = MEMORY_MB) -> Iterator[Connection]:
    """The workspace in `file`, as it was again where a run is refused (REFUSALS): others go on working with it.

    Where its disk has no room for a copy, what a refused run has worked out stays in it.
    """
    copy = _copy_of(file)
    if _log_of(file).exists():  # of a crash
        with open_workspace(file):
            pass
    with suppress(OSError):
        _make_copy(file, copy)
    try:
        with open_workspace(file, memory_mb=memory_mb) as con:
            yield con
    except REFUSALS:
        if copy.exists():
            _drop(file)
            copy.replace(file)
        raise
    finally:
        _drop(copy)


@contextmanager
def open_beside(file: Path, tables: Sequence[str]) -> Iterator[Connection]:
    """A database of its own that shows some tables of the workspace in `file`, and leaves that as it is.

    Raises Busy when another process has the workspace, Incomplete when a table is not in it.
    """
    con = duckdb.connect(config={"temp_directory": str(file.with_suffix(".tmp"))})
    try:
        _attach(con, file, tables)
        yield con
    finally:
        con.close()


def _attach(con: Connection, file: Path, tables: Sequence[str]) -> None:
    quoted = str(file).replace("'", "''")
    try:
        con.execute("SET enable_progress_bar = false")
        con.execute(f"ATTACH '{quoted}' AS workspace (READ_ONLY)")
        for table in tables:
            con.execute(f'CREATE VIEW "{table}" AS FROM workspace."{table}"')
    except duckdb.IOException as error:
        raise Busy(f"another program has {file} open", "wait until it has ended, or close it") from error
    except duckdb.CatalogException as error:
        raise Incomplete("no resolve is complete in this workspace", "run it: stormops-graph resolve") from error


def _copy_of(file: Path) -> Path:
    return file.with_name(f"{file.stem}.copy{file.suffix}")


def _make_copy(file: Path, copy: Path) -> None:
    """Copy a workspace that nobody has open; raises OSError, and leaves no part of a copy then."""
    _drop(copy)
    before = os.umask(0o077)
    try:
        shutil.copyfile(file, copy)
    except OSError:
        _drop(copy)
        raise
    finally:
        os.umask(before)


def _log_of(file: Path) -> Path:
    return file.with_name(f"{file.name}.wal")


def _drop(file: Path) -> None:
    for left in (file, _log_of(file)):
        left.unlink(missing_ok=True)


def _connect(file: Path, config: dict[str, str | bool | int | float | list[str]]) -> Connection:
    before = os.umask(0o077)
    try:
        return duckdb.connect(str(file), config=config)
    except duckdb.IOException as error:
        if "lock" in str(error).lower():
            raise Busy(f"another program has {file} open", "wait until it has ended, or close it") from error
        raise StoreError(f"the workspace {file} cannot be used", "delete it; the next resolve makes it anew") from error
    finally:
        os.umask(before)
