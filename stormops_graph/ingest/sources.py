"""Where the rows of a feed are: its files in a fixed order, and how their bytes become text."""

from __future__ import annotations

import codecs
import gzip
import hashlib
import io
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, BinaryIO, cast

import numpy as np
import pyarrow as pa
from rapidfuzz import process

from stormops_graph.errors import FeedMissing, InputError, SettingsError
from stormops_graph.ingest.feeds import FEEDS
from stormops_graph.settings import FeedSettings

FORMATS = {
    ".csv": "csv",
    ".csv.gz": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".parquet": "parquet",
    ".jsonl": "json",
    ".ndjson": "json",
    ".jsonl.gz": "json",
    ".ndjson.gz": "json",
}
_DISCOVERED = (".csv", ".parquet", ".jsonl", ".ndjson", ".csv.gz", ".jsonl.gz")
_UTF8 = "utf-8-sig"  # with a byte order mark or without
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# How files begin that hold no text, though their name says so.
_NO_TEXT = {
    b"\x1f\x8b": "a gzip file",
    b"PK\x03\x04": "a ZIP file or an Excel workbook",
    b"\xd0\xcf\x11\xe0": "an Excel workbook",
    b"BZh": "a bzip2 file",
    b"\xfd7zXZ": "an xz file",
    b"\x28\xb5\x2f\xfd": "a Zstandard file",
    b"PAR1": "a Parquet file",
}
_BLOCK = 1 << 20
_LINES_BLOCK = 1 << 22  # larger ones cost twice as much to be cut, as their memory is new each time


def discover(folder: Path) -> dict[str, FeedSettings]:
    """The feeds that lie in `folder` under their default names, or in parts such as `calls-2024-05.csv`."""
    found = {}
    for name in FEEDS:
        for ending in _DISCOVERED:
            pattern = name + ending if (folder / (name + ending)).is_file() else f"{name}[-_]*{ending}"
            if next(folder.glob(pattern), None):
                found[name] = FeedSettings(path=str(folder / pattern))
                break
    return found


def refuse_unknown(feeds: Collection[str]) -> None:
    """Raise SettingsError for a feed that is not one of ours, with the nearest name."""
    for name in sorted(set(feeds) - FEEDS.keys()):
        near = process.extractOne(name, list(FEEDS), score_cutoff=60)
        hint = f"did you mean {near[0]}?" if near else f"feeds are: {', '.join(FEEDS)}"
        raise SettingsError(f"there is no feed called {name}", hint)


def files_of(feed: str, settings: FeedSettings, folder: Path) -> list[Path]:
    """The feed's files, sorted and each once; raises FeedMissing where a path or pattern finds none."""
    paths = [settings.path] if isinstance(settings.path, str) else settings.path
    found: set[Path] = set()
    for path in filter(None, paths):
        files = _matches(folder / path)
        if not files:
            wrong = (
                f"a folder without a file that ends in {', '.join(FORMATS)}"
                if (folder / path).is_dir()
                else "not there"
            )
            raise FeedMissing(
                f"feed {feed}: {folder / path} is {wrong}",
                f"correct the path under [feeds.{feed}] in stormops.toml, or remove the feed there",
            )
        found.update(file.parent.resolve() / file.name for file in files)
    if not found:
        raise FeedMissing(f"feed {feed} names neither a path nor a table", f"set path under [feeds.{feed}]")
    return sorted(found)


def _matches(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if path.is_dir():
        return [file for file in path.iterdir() if file.is_file() and _ending(file) in FORMATS]
    anchor = Path(path.anchor)
    return [file for file in anchor.glob(str(path.relative_to(anchor))) if file.is_file()]


def format_of(feed: str, file: Path) -> str:
    """`csv`, `parquet` or `json`, by the file's name; raises InputError where that or its bytes are another."""
    if _ending(file) not in FORMATS:
        raise InputError(f"feed {feed}: {file} is of no known format", f"name it with one of {', '.join(FORMATS)}")
    name = FORMATS[_ending(file)]
    if name != "parquet":
        _refuse_no_text(feed, file)
    return name


def _refuse_no_text(feed: str, file: Path) -> None:
    with _open(file) as stream:
        first = stream.read(max(map(len, _NO_TEXT)))
    for mark, kind in _NO_TEXT.items():
        if first.startswith(mark):
            raise InputError(
                f"feed {feed}: {file} is {kind}, which its name does not say",
                f"unpack it or export it as CSV, or name it with one of {', '.join(FORMATS)}",
            )


def _ending(file: Path) -> str:
    return "".join(file.suffixes[-2 if file.suffix == ".gz" else -1 :]).lower()


def encoding_of(file: Path, said: str) -> str:
    """UTF-8 where every byte fits, or what a byte order mark says; else Windows' Latin-1, else the plain one."""
    if said:
        return _known(said)
    with _open(file) as stream:
        if stream.read(2) in _UTF16_MARKS:
            return "utf-16"
        for encoding in (_UTF8, "cp1252"):
            stream.seek(0)
            if _decodes(stream, encoding):
                return encoding
    return "latin-1"


def _known(encoding: str) -> str:
    try:
        name = codecs.lookup(encoding).name
    except LookupError as error:
        raise SettingsError(
            f"stormops.toml names the encoding {encoding}, which is not known", "say utf-8, cp1252 or latin-1"
        ) from error
    return _UTF8 if name == "utf-8" else name


@contextmanager
def open_text(file: Path, encoding: str) -> Iterator[IO[str]]:
    """The file as text, line ends kept as they are."""
    with _open(file) as stream, io.TextIOWrapper(stream, encoding=encoding, newline="") as text:
        yield text


def digest_of(file: Path) -> str:
    """A hash of the file's bytes."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def line_batches(file: Path, encoding: str, size: int) -> Iterator[pa.Table]:
    """(line, text) of the file's lines, their ends kept, so many at a time."""
    number = 1
    for texts in _gathered(_texts(file, encoding, size), size):
        for start in range(0, len(texts), size):
            batch = texts.slice(start, size)
            yield pa.table({"line": np.arange(number, number + len(batch)), "text": batch})
            number += len(batch)


def _gathered(parts: Iterator[pa.Array], size: int) -> Iterator[pa.ChunkedArray]:
    """The parts, at least so many lines together but for the last of them."""
    waiting: list[pa.Array] = []
    for part in parts:
        waiting.append(part)
        if sum(map(len, waiting)) >= size:
            yield pa.chunked_array(waiting)
            waiting = []
    if waiting:
        yield pa.chunked_array(waiting)


def _texts(file: Path, encoding: str, size: int) -> Iterator[pa.Array]:
    if encoding == _UTF8:
        yield from _utf8_texts(file)
        return
    with open_text(file, encoding) as stream:
        while texts := list(islice(stream, size)):
            yield pa.array(texts, pa.string())


def _utf8_texts(file: Path) -> Iterator[pa.Array]:
    """The lines where they lie in the file's bytes: none becomes a string in Python."""
    with _open(file) as stream:
        if stream.read(len(codecs.BOM_UTF8)) != codecs.BOM_UTF8:
            stream.seek(0)
        rest = b""
        while block := stream.read(_LINES_BLOCK):
            cut = block.rfind(b"\n") + 1
            if cut:
                yield _split(rest + block[:cut])
                rest = block[cut:]
            else:
                rest += block
        if rest:
            yield _split(rest)


def _split(block: bytes) -> pa.Array:
    if not block.isascii():
        block.decode()  # raises UnicodeDecodeError where it is no UTF-8
    if b"\r" not in block or block.count(b"\r") == block.count(b"\r\n"):
        ends = np.flatnonzero(np.frombuffer(block, np.uint8) == ord("\n")) + 1
        if not ends.size or ends[-1] < len(block):
            ends = np.append(ends, len(block))
    else:
        ends = np.cumsum([len(line) for line in block.splitlines(keepends=True)])
    offsets = np.concatenate([[0], ends]).astype(np.int32)
    return pa.StringArray.from_buffers(len(ends), pa.py_buffer(offsets), pa.py_buffer(block))


def _open(file: Path) -> BinaryIO:
    return cast(BinaryIO, gzip.open(file)) if file.suffix == ".gz" else file.open("rb")


def _decodes(stream: BinaryIO, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while block := stream.read(_BLOCK):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
