"""The archive file: a manifest with the SHA-256 of every part, then the parts, in one .tar.gz of mode 0600.

Invariant: `unpack` gives back only whole, unchanged parts, below the folder it was told, or raises.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath

from stormops_graph.errors import InputError, StoreError

FORMAT = 1
MANIFEST = "manifest.json"
MANIFEST_BYTES = 50_000_000


@dataclass(frozen=True)
class Part:
    """A file of the archive."""

    name: str
    size: int
    sha256: str

    @classmethod
    def of(cls, name: str, file: Path) -> Part:
        """The part `name` as `file` holds it."""
        with file.open("rb") as stream:
            return cls(name, file.stat().st_size, hashlib.file_digest(stream, "sha256").hexdigest())

    def is_safe(self) -> bool:
        """Whether its name stays below the folder it is unpacked into."""
        path = PurePosixPath(self.name)
        return bool(path.parts) and not path.is_absolute() and ".." not in path.parts


@dataclass(frozen=True)
class Manifest:
    """What an archive holds, and what made it."""

    made_at: str
    software: str
    neo4j: str  # the server's version
    not_covered: tuple[str, ...]
    format: int = FORMAT
    parts: tuple[Part, ...] = field(default=())


def pack(out: Path, manifest: Manifest, files: Sequence[tuple[Part, Path]]) -> None:
    """Write the archive `out`, whole or not at all."""
    text = json.dumps(asdict(manifest), indent=1).encode()
    part_file = out.with_name(f".{out.name}.part")
    part_file.unlink(missing_ok=True)
    descriptor = os.open(part_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        # The dumps are compressed already: level 1 costs little and still shrinks the rest.
        with (
            os.fdopen(descriptor, "wb") as raw,
            tarfile.open(fileobj=raw, mode="w:gz", compresslevel=1) as tar,
        ):
            tar.addfile(_member(MANIFEST, len(text)), io.BytesIO(text))
            for part, file in files:
                with file.open("rb") as stream:
                    tar.addfile(_member(part.name, part.size), stream)
        part_file.replace(out)
    finally:
        part_file.unlink(missing_ok=True)


def unpack(archive: Path, folder: Path) -> Manifest:
    """Put the parts of `archive` below `folder`, each checked; raises InputError for a file that is not whole."""
    try:
        with tarfile.open(archive, "r:gz") as tar:
            manifest = _read_manifest(tar, archive)
            for part in manifest.parts:
                member = tar.next()
                if member is None or member.name != part.name or not member.isreg() or not part.is_safe():
                    raise _broken(archive)
                target = folder / part.name
                target.parent.mkdir(parents=True, exist_ok=True)
                _extract(tar, member, target)
                if Part.of(part.name, target) != part:
                    raise _broken(archive)
    except (tarfile.TarError, EOFError, OSError, KeyError, TypeError, ValueError) as error:
        if isinstance(error, FileNotFoundError):
            raise InputError(f"{archive} does not exist", "name the file that backup wrote") from error
        raise _broken(archive) from error
    return manifest


def _read_manifest(tar: tarfile.TarFile, archive: Path) -> Manifest:
    member = tar.next()
    if member is None or member.name != MANIFEST or member.size > MANIFEST_BYTES:
        raise _broken(archive)
    stream = tar.extractfile(member)
    known = json.loads(stream.read()) if stream else {}
    if known.get("format") != FORMAT:
        raise StoreError(
            f"{archive} has format {known.get('format')}, and this version reads format {FORMAT}",
            "restore it with the version of stormops-graph that made it",
        )
    parts = tuple(Part(**part) for part in known.pop("parts"))
    return Manifest(**known | {"not_covered": tuple(known["not_covered"]), "parts": parts})


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    stream = tar.extractfile(member)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        while stream and (chunk := stream.read(1 << 20)):
            out.write(chunk)


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member


def _broken(archive: Path) -> InputError:
    return InputError(f"{archive} is not a whole backup of stormops-graph", "take an earlier backup")
