"""Keyed hashes: HMAC-SHA-256 under a key of the project's own, in Python and in SQL.

Invariant: the key is made once and is in a 0600 file; without it nobody can try values against the hashes.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from pathlib import Path

from stormops_graph.errors import StoreError
from stormops_graph.services.private_file import private_folder, write_private
from stormops_graph.tables import Connection

_BLOCK = 64  # bytes, of SHA-256
_MACRO = """
CREATE OR REPLACE TEMP MACRO keyed(mark, value) AS
    sha256(unhex('{outer}') || unhex(sha256(unhex('{inner}') || encode(mark || chr(31) || value))))
"""


def ensure_key(file: Path) -> bytes:
    """The project's key, made where there is none."""
    if not file.exists():
        private_folder(file.parent)
        write_private(file, secrets.token_hex(32) + "\n")
    return read_key(file)


def read_key(file: Path) -> bytes:
    """The project's key; raises StoreError where it is missing or not whole."""
    try:
        key = bytes.fromhex(file.read_text("ascii"))
    except (OSError, ValueError) as error:
        raise StoreError(
            f"{file} is missing or not whole: those who were forgotten would be read again",
            "bring it back from a backup; remove forgotten.jsonl only if nobody is to stay forgotten",
        ) from error
    return key


def keyed(key: bytes, mark: str, value: str) -> str:
    """The hash of a value, as hexadecimal digits."""
    return hmac.new(key, f"{mark}\x1f{value}".encode(), hashlib.sha256).hexdigest()


def define(con: Connection, key: bytes) -> None:
    """Make `keyed(mark, value)` known to the connection, which must be of memory only: it holds the key."""
    block = key.ljust(_BLOCK, b"\0")
    inner, outer = (bytes(byte ^ pad for byte in block).hex() for pad in (0x36, 0x5C))
    con.execute(_MACRO.replace("{inner}", inner).replace("{outer}", outer))
