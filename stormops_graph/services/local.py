"""What the rest of the program asks of the servers: up, down, status, and how to reach them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from stormops_graph.errors import ServerDown, StormopsError
from stormops_graph.ports import Progress
from stormops_graph.project import Project
from stormops_graph.services import neo4j_server, postgres_server
from stormops_graph.services.backup import backup, restore
from stormops_graph.services.connections import (
    Connections,
    managed_neo4j,
    managed_postgres,
    shown_dsn,
)
from stormops_graph.services.credentials import Credentials
from stormops_graph.services.jars import NEO4J_VERSION
from stormops_graph.services.neo4j_data import USER
from stormops_graph.services.servers import LocalServers, local_neo4j, local_postgres, no_run, only_one

__all__ = ["Connections", "ServiceStatus", "backup", "connections", "down", "restore", "status", "up"]

PROBE_SECONDS = 5
_HINTS = {
    "neo4j": "start it where it runs, or correct its address (NEO4J_URI, or uri under [neo4j]) and password",
    "postgres": "start it where it runs, or correct the variable that dsn_env under [postgres] names",
}


@dataclass(frozen=True)
class ServiceStatus:
    """A server, and whether it answers."""

    name: str
    running: bool
    managed: bool
    address: str
    pid: int | None
    detail: str


def connections(project: Project, environ: Mapping[str, str]) -> Connections:
    """How to reach both stores; starts nothing. Raises ServerDown before the first `up` of a local one."""
    graph, postgres = local_neo4j(project), local_postgres(project)
    managed = managed_neo4j(project.settings.neo4j, environ)
    dsn = managed_postgres(project.settings.postgres, environ)
    kept = Credentials.read(project.state)
    if not (managed or (kept and graph.address)) or not (dsn or (kept and postgres.address)):
        raise ServerDown("the local servers were never started", "stormops-graph up starts them")
    return Connections(
        neo4j_uri=managed.uri if managed else graph.address,
        neo4j_user=managed.user if managed else USER,
        neo4j_password=managed.password if managed else kept.neo4j_password if kept else "",
        neo4j_database=managed.database if managed else project.settings.neo4j.database,
        neo4j_http_url=None if managed else graph.http_url,
        postgres_dsn=dsn or postgres.dsn(kept.postgres_password if kept else ""),
    )


def up(project: Project, environ: Mapping[str, str], progress: Progress) -> list[ServiceStatus]:
    """Start what is local and stopped, and wait until it answers; at once when all run.

    Raises ServerDown when a managed server does not answer, PortTaken or StoreError for a local one.
    """
    servers = LocalServers.wanted(project, environ)
    if not servers.are_well():
        with only_one(project.state, progress.note):
            servers.start(environ, progress)
    found = status(project, environ)
    for service in found:
        if service.managed and not service.running:
            where = "" if service.address in service.detail else f" ({service.address})"
            raise ServerDown(service.detail + where, _HINTS[service.name])
    return found


def hold_nothing(project: Project, environ: Mapping[str, str]) -> bool:
    """Whether both servers are the project's own, and its Neo4j was never started; starts nothing."""
    servers = LocalServers.wanted(project, environ)
    return bool(servers.neo4j and servers.postgres and not servers.neo4j.has_data())


def make_ready(project: Project, environ: Mapping[str, str], progress: Progress) -> None:
    """Have what the project's own servers will be started with, or raise as `up` would; starts nothing."""
    LocalServers.wanted(project, environ).make_ready(environ, progress)


def down(project: Project) -> list[ServiceStatus]:
    """Stop the local servers; their data stay. Managed ones are left alone. Raises Busy during a run."""
    graph, postgres = local_neo4j(project), local_postgres(project)
    if project.state.exists():
        with no_run(project.state), only_one(project.state, lambda _: None):
            LocalServers(project.state, graph, postgres).stop()
    return [_local_neo4j_status(project), _local_postgres_status(project)]


def status(project: Project, environ: Mapping[str, str]) -> list[ServiceStatus]:
    """How the two servers are; starts nothing."""
    managed = managed_neo4j(project.settings.neo4j, environ)
    dsn = managed_postgres(project.settings.postgres, environ)
    if managed:
        graph = _probed(
            "neo4j",
            managed.uri,
            lambda: neo4j_server.verify(managed.uri, managed.user, managed.password, managed.database, PROBE_SECONDS),
        )
    else:
        graph = _local_neo4j_status(project)
    if dsn:
        postgres = _probed("postgres", shown_dsn(dsn), lambda: postgres_server.verify(dsn, PROBE_SECONDS))
    else:
        postgres = _local_postgres_status(project)
    return [graph, postgres]


def _probed(name: str, address: str, probe: Callable[[], None]) -> ServiceStatus:
    """The status of a managed server, asked for by `probe`."""
    try:
        probe()
    except StormopsError as error:
        return ServiceStatus(name, False, True, address, None, error.message)
    return ServiceStatus(name, True, True, address, None, "managed, answers")


def _local_neo4j_status(project: Project) -> ServiceStatus:
    server = local_neo4j(project)
    return _local_status("neo4j", server, f"{NEO4J_VERSION}, Browser at {server.http_url}/browser/")


def _local_postgres_status(project: Project) -> ServiceStatus:
    server = local_postgres(project)
    return _local_status(
        "postgres",
        server,
        f"database {postgres_server.DATABASE}, user {postgres_server.USER}",
    )


def _local_status(
    name: str, server: neo4j_server.Neo4jServer | postgres_server.PostgresServer, about: str
) -> ServiceStatus:
    """The status of a local server; `about` is its detail when all is well."""
    process = server.process()
    if process is None:
        crashed = (server.home / "server.pid").exists()
        detail = "it ended unexpectedly: stormops-graph up starts it again" if crashed else "stopped"
        return ServiceStatus(name, False, False, server.address, None, detail if server.has_data() else "never started")
    if not server.serves():
        return ServiceStatus(name, False, False, server.address, process.pid, "runs, but does not answer yet")
    return ServiceStatus(name, True, False, server.address, process.pid, about)
