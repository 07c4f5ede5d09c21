"""A graph filled at once: Neo4j's own importer makes its data beside the local server, which has them when it starts.

Invariant: the server has the graph that it had, or the whole new one; the importer never works on the server's data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from stormops_graph.errors import StoreError
from stormops_graph.ports import LIST_SEPARATOR, GraphFile, Progress
from stormops_graph.project import Project
from stormops_graph.services import jars
from stormops_graph.services.aside import set_aside
from stormops_graph.services.credentials import Credentials
from stormops_graph.services.loopback import PortBook
from stormops_graph.services.neo4j_server import Neo4jServer
from stormops_graph.services.private_file import private_folder
from stormops_graph.services.servers import local_neo4j, only_one

_OPTIONS = (
    "--strict=true",
    "--bad-tolerance=0",
    "--multiline-fields=true",
    "--path-pattern-style=none",
    "--report-file=./bad",
    "--max-off-heap-memory=40%",  # of what is free
    f"--array-delimiter=U+{ord(LIST_SEPARATOR):04X}",
)

_FAILED = "Neo4j's importer could not make the graph; nothing was written"
_INSTEAD = "make room on the disk, or raise heap_mb; with a larger import_at_least the graph is loaded without it"


def replace_graph(
    project: Project, environ: Mapping[str, str], write: Callable[[Path], Sequence[GraphFile]], progress: Progress
) -> None:
    """Replace the graph of the local Neo4j by that of the files that `write` makes in a folder; hold the lock of runs.

    A server that runs is stopped for it, and none is started.
    Raises StoreError where the importer refuses them; then nothing has changed.
    """
    server = local_neo4j(project)
    paths = jars.fetch(jars.locked_jars(), jars.JarSource.from_environ(environ), progress)
    with set_aside(project.state) as aside:
        files = write(folder := private_folder(aside / "files"))
        free_ports = server.settings.model_copy(update={"bolt_port": 0, "http_port": 0})
        importer = Neo4jServer(aside, free_ports, PortBook(aside / "ports.json"))
        importer.prepare(paths, "", lambda _: None)
        named = (f"--{one.holds}={one.name}=./{one.file}" for one in files)
        command = ("database", "import", "full", server.settings.database, *_OPTIONS, *named)
        try:
            importer.administer(*command, environ=environ, folder=folder)
        except StoreError:
            raise StoreError(_FAILED, _INSTEAD) from None  # what the importer says may quote data
        with only_one(project.state, progress.note):
            server.stop()
            server.data.prepare(Credentials.ensure(project.state).neo4j_password)
            server.data.replace_graph(importer.data)
