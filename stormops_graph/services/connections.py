"""How to reach the two stores: the project's own local servers, or managed ones that the user names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from psycopg.conninfo import conninfo_to_dict
from psycopg.errors import ProgrammingError

from stormops_graph.errors import SettingsError
from stormops_graph.settings import Neo4jSettings, PostgresSettings

SCHEMES = ("bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc")


@dataclass(frozen=True)
class Connections:
    """Addresses and credentials of both stores; `repr` hides what is secret."""

    neo4j_uri: str
    neo4j_user: str
    neo4j_password: str = field(repr=False)
    neo4j_database: str
    neo4j_http_url: str | None
    postgres_dsn: str = field(repr=False)

    @property
    def browser_url(self) -> str | None:
        """The page of Neo4j Browser, address and user filled in; None where it is not ours to know."""
        if self.neo4j_http_url is None:
            return None
        scheme, _, host = self.neo4j_uri.partition("://")
        dbms = f"{scheme}://{quote(self.neo4j_user, safe='')}@{host}"
        return f"{self.neo4j_http_url}/browser/?dbms={quote(dbms, safe=':/@')}"


@dataclass(frozen=True)
class ManagedNeo4j:
    """A Neo4j that somebody else runs."""

    uri: str
    user: str
    password: str = field(repr=False)
    database: str


def managed_neo4j(settings: Neo4jSettings, environ: Mapping[str, str]) -> ManagedNeo4j | None:
    """The managed Neo4j that NEO4J_URI or the settings name; None when the local one is meant.

    Raises SettingsError when its address is none, or its password is missing.
    """
    uri = environ.get("NEO4J_URI") or settings.uri
    if not uri:
        return None
    if urlsplit(uri).scheme not in SCHEMES:
        raise SettingsError(
            f"{uri} is no address of a Neo4j",
            "set uri under [neo4j] or NEO4J_URI, as in bolt://HOST:7687 or neo4j+s://HOST",
        )
    password = environ.get(settings.password_env)
    if password is None:
        raise SettingsError(
            f"the password of the Neo4j at {uri} is missing",
            f"export {settings.password_env}=…, as neo4j.password_env in stormops.toml calls it",
        )
    return ManagedNeo4j(
        uri,
        environ.get("NEO4J_USER") or settings.user,
        password,
        environ.get("NEO4J_DATABASE") or settings.database,
    )


def managed_postgres(settings: PostgresSettings, environ: Mapping[str, str]) -> str | None:
    """The DSN of the managed Postgres; None when the local one is meant."""
    return environ.get(settings.dsn_env) or None


def shown_dsn(dsn: str) -> str:
    """Host, port and database of a DSN, fit to be shown."""
    try:
        parts = conninfo_to_dict(dsn)
    except ProgrammingError:
        return "a DSN that cannot be read"
    host, port = parts.get("host") or "localhost", parts.get("port") or 5432
    return f"{host}:{port}/{parts.get('dbname') or ''}"
