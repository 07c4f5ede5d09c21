"""How many processes share the tests where `-n auto` asks (as `make test` does), and in which order."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

GB_EACH = 2.5  # a process with a Neo4j and a Postgres of its own
MOST = 4
LONGEST = ("test_review", "test_faults", "test_first_load", "test_forgetting", "test_services", "test_amendments")

settings.register_profile("tests", deadline=None)  # a busy machine is no fault of what is tested
settings.load_profile("tests")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than cores (tests wait for servers), as far as memory goes; a graph of the environment takes one."""
    if os.environ.get("NEO4J_URI"):
        return 0
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return max(1, min((os.cpu_count() or 1) + 1, MOST, int(memory / GB_EACH)))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files that take longest first: one that begins last would be waited for."""
    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.stem, len(LONGEST)))
