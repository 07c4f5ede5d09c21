"""How many processes share the tests where `-n auto` asks (as `make test` does), which together, and in which order."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

GB_EACH = 2.5  # a process with a Neo4j and a Postgres of its own
MOST = 4
OWN_SERVERS = ("test_faults", "test_services", "test_first_load")
LONGEST = (*OWN_SERVERS, "test_review", "test_forgetting", "test_commands", "test_plan", "test_amendments")

settings.register_profile("tests", deadline=None)  # a busy machine is no fault of what is tested
settings.load_profile("tests")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than cores (tests wait for servers), as far as memory goes; a graph of the environment takes one."""
    if os.environ.get("NEO4J_URI"):
        return 0
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return max(1, min((os.cpu_count() or 1) + 1, MOST, int(memory / GB_EACH)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Files go to processes whole, those with servers of their own all to one: it need not start the shared ones."""
    if config.getvalue("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class ByServers(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = super()._split_scope(nodeid)
            return "own servers" if Path(file).stem in OWN_SERVERS else file

    return ByServers(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files that take longest first: one that begins last would be waited for."""
    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.stem, len(LONGEST)))
