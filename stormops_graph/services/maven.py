"""A Maven repository over HTTP: files by their paths, over connections that are kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests
import truststore
from requests.adapters import HTTPAdapter
from urllib3 import Retry

CENTRAL = "https://repo.maven.apache.org/maven2"
RETRIES = 3
RETRY_SECONDS = 2.0
TIMEOUT_SECONDS = 30
PART_BYTES = 1 << 16
BUSY = (429, 503)


@dataclass(frozen=True)
class Repository:
    """The repository at `url`; several threads may save from it at once."""

    url: str
    session: requests.Session

    def save(self, path: Path, file: Path) -> None:
        """What the repository has at `path`, into `file`.

        Raises FileNotFoundError where it has nothing there, and requests' own OSErrors where it cannot be reached.
        """
        with self.session.get(f"{self.url}/{path.as_posix()}", stream=True, timeout=TIMEOUT_SECONDS) as answer:
            if answer.status_code == requests.codes.not_found:
                raise FileNotFoundError(path)
            answer.raise_for_status()
            with file.open("wb") as out:
                for part in answer.iter_content(PART_BYTES):
                    out.write(part)


@contextmanager
def reached(url: str | None, threads: int) -> Iterator[Repository]:
    """The repository at `url` (None: Maven Central), with a connection for each of so many threads.

    A connection takes longer to build, with the authorities of the system's store, than most jars to fetch.
    """
    truststore.inject_into_ssl()  # a company's own authority is in the system's store, not in the library's list
    patient = Retry(RETRIES, connect=0, read=0, status_forcelist=BUSY, backoff_factor=RETRY_SECONDS)
    with requests.Session() as session:
        for scheme in ("https://", "http://"):
            session.mount(scheme, HTTPAdapter(pool_maxsize=threads, max_retries=patient))
        yield Repository(url or CENTRAL, session)
