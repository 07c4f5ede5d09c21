"""How the local Neo4j is configured: what its files and its command say at every start."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

JVM_OPTIONS = (
    "-Xms128m",
    "-XX:+UseParallelGC",  # on a few cores it loads half as fast again as G1, which spends them on short pauses
    "-XX:+ExitOnOutOfMemoryError",
    "-XX:-UsePerfData",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
    "-Dlog4j2.disable.jmx=true",
    "-Dfile.encoding=UTF-8",
)
# Queries hold personal data as parameters, so they are not logged; the rest keeps the folder small. Wrong passwords
# lock nobody out: ours is random, and three tries by any program would keep a nightly run from its graph.
CONFIGURATION = """\
server.default_listen_address={host}
server.bolt.listen_address={host}:{bolt}
server.bolt.advertised_address={host}:{bolt}
server.http.listen_address={host}:{http}
server.http.advertised_address={host}:{http}
server.https.enabled=false
server.memory.pagecache.size={pagecache}m
initial.dbms.default_database={database}
db.tx_log.preallocate=false
db.tx_log.rotation.retention_policy=1 files
db.logs.query.enabled=OFF
dbms.security.auth_max_failed_attempts=0
server.logs.debug.enabled=false
server.logs.gc.enabled=false
internal.dbms.bolt.netty_server_shutdown_quiet_period_duration=0s
client.allow_telemetry=false
dbms.usage_report.enabled=false
dbms.fleet_manager.enabled=false
server.fleet_discovery.enabled=false
"""

# For a start after a full disk: the log may end within a transaction, which nobody was told to be committed.
TORN_LOG = "internal.dbms.tx_log.fail_on_corrupted_log_files=false\n"


def class_path(jars: Sequence[Path]) -> str:
    """The class path as a Java argument file, where backslashes and quotes are escaped."""
    path = os.pathsep.join(str(jar) for jar in jars).replace("\\", "\\\\").replace('"', '\\"')
    return f'-cp "{path}"\n'
