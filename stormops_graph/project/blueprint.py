"""A new project: its commented `stormops.toml` and its own copy of the shipped matching rules.

Invariant: nothing that exists is overwritten, and what is written reads back as valid settings.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from stormops_graph.errors import FeedMissing, SettingsError, written_in
from stormops_graph.ingest import FEEDS, discover
from stormops_graph.ingest.feeds import SEEN_TOGETHER
from stormops_graph.project import SETTINGS_FILE, Project
from stormops_graph.settings import FeedSettings, Settings

RULES = "matching_rules"
SIMULATED_MARK = "simulated.json"  # in a feeds folder that `simulate` wrote
_DEFAULTS = Settings()


@dataclass(frozen=True)
class Founding:
    """A project that was just made, and the feeds that were not found for it."""

    project: Project
    missing: tuple[str, ...]


def found(folder: Path, feeds: Path) -> Founding:
    """Make a project in `folder` for the feeds in the folder `feeds`.

    Raises SettingsError where there is a stormops.toml already, FeedMissing where `feeds` is no folder,
    InputError where `folder` cannot be written.
    """
    file = folder / SETTINGS_FILE
    if file.exists():
        raise SettingsError(f"{file} exists already", "edit it, or name another folder")
    if not feeds.is_dir():
        raise FeedMissing(f"{feeds} is not a folder", "name the folder that holds the feeds' files")
    discovered = discover(feeds)
    text = "\n".join(_settings(folder, discovered, simulated=(feeds / SIMULATED_MARK).is_file()))
    with written_in(folder):
        folder.mkdir(parents=True, exist_ok=True)
        _copy_rules(folder / RULES)
        with file.open("x", encoding="utf-8") as opened:
            opened.write(text)
    return Founding(
        Project.open(folder), tuple(name for name in FEEDS if name not in discovered and name != SEEN_TOGETHER)
    )


def _copy_rules(target: Path) -> None:
    """The shipped rules, but for files that are there already."""
    for name, source in _rule_files(files("stormops_graph.matching_rules")):
        copy = target / name
        if not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(source.read_bytes())


def _rule_files(folder: Traversable, prefix: str = "") -> Iterator[tuple[str, Traversable]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _rule_files(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith((".toml", ".json")):
            yield prefix + entry.name, entry


def _settings(folder: Path, discovered: Mapping[str, FeedSettings], *, simulated: bool) -> Iterator[str]:
    yield "# The settings of this project. A name that is not known is refused, with its line.\n"
    yield "[project]"
    yield f"name = {_quoted(folder.resolve().name)}"
    yield f"simulated = {str(simulated).lower()}  # true: the feeds are made up; what is shown says so"
    yield f"rules = {_quoted(RULES)}  # the folder of the matching rules; edit them there"
    yield _FEEDS_HEAD
    for name, feed in FEEDS.items():
        if name == SEEN_TOGETHER:  # made by the software itself
            continue
        yield ""
        columns = ", ".join(column.name + "*" * column.required for column in feed.columns)
        yield from _comment(f"{name}: {columns}")
        if name in discovered:
            yield f"[feeds.{name}]"
            yield f"path = {_path(folder, discovered[name].path)}"
        else:
            yield f"# [feeds.{name}]"
            yield f'# path = "feeds/{name}.{"jsonl" if name == "ga4_events" else "csv"}"'
    yield _SERVERS.format(settings=_DEFAULTS)
    yield _GATES.format(settings=_DEFAULTS)
    yield _ATTRIBUTION.format(settings=_DEFAULTS)
    yield _PERSONAS.format(settings=_DEFAULTS, features=_listed(_DEFAULTS.personas.features))
    yield _PRIVACY.format(settings=_DEFAULTS)
    yield _JOURNEYS.format(settings=_DEFAULTS)


def _listed(names: Iterable[str]) -> str:
    """A list of TOML, a name a line."""
    return "[\n" + "".join(f"    {_quoted(name)},\n" for name in names) + "]"


def _comment(text: str) -> Iterator[str]:
    line = "#"
    for word in text.split():
        if len(line) + len(word) > 98:
            yield line
            line = "#  "
        line += f" {word}"
    yield line


def _path(folder: Path, path: str | list[str]) -> str:
    if isinstance(path, list):
        return "[" + ", ".join(_quoted(_relative(folder, part)) for part in path) + "]"
    return _quoted(_relative(folder, path))


def _relative(folder: Path, path: str) -> str:
    """The path from the project's folder where they lie side by side, so that they can be moved together."""
    home, file = folder.resolve(), Path(path).resolve()
    return Path(os.path.relpath(file, home)).as_posix() if file.is_relative_to(home.parent) else file.as_posix()


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


_FEEDS_HEAD = """
# -- feeds ---------------------------------------------------------------------------------------
# path: a file (CSV, Parquet, JSON lines), a pattern (calls/*.csv) or a list of these, from this folder.
# table = "schema.name": a Postgres table instead; the environment variable FEEDS_DSN says where.
# delimiter = ";" and encoding = "latin-1" where they are not found out.
# Columns with other names than the default ones are mapped, default name on the left:
#   [feeds.calls.columns]
#   call_id = "CallSid"
#   caller_number = "From"
# Listed below with each feed: its default columns; the ones with * are required."""

_SERVERS = """
# -- servers -------------------------------------------------------------------------------------
[neo4j]
# uri = "neo4j+s://..."  # your own server (or NEO4J_URI in the environment); without one, a local one
user = "{settings.neo4j.user}"
password_env = "{settings.neo4j.password_env}"  # the variable with your own server's password
database = "{settings.neo4j.database}"
bolt_port = {settings.neo4j.bolt_port}  # 0: the first free port from 7687, then always that
http_port = {settings.neo4j.http_port}  # the same for Neo4j Browser, from 7474
heap_mb = {settings.neo4j.heap_mb}  # about 1024 for 100,000 source rows, 4096 for a million
pagecache_mb = {settings.neo4j.pagecache_mb}
import_at_least = {settings.neo4j.import_at_least}  # nodes and relationships of a first load that pay a restart

[postgres]
dsn_env = "{settings.postgres.dsn_env}"  # the variable with your own server's DSN; unset: a local one
port = {settings.postgres.port}  # 0: the first free port from 5432, then always that
table_schema = "{settings.postgres.table_schema}"

[workspace]
memory_mb = {settings.workspace.memory_mb}  # of a run: 2000 for a million source rows, 5000 for five"""

_GATES = """
# -- gates: what stops a run before anything is written ------------------------------------------
[gates]
feed_shrink = {settings.gates.feed_shrink}  # a feed that lost more than this share of its rows
allow_shrink = []  # feeds that may
# a column that more than this share of a feed's rows had, and none has now, or none of a new file
column_lost = {settings.gates.column_lost}
households_gone = {settings.gates.households_gone}  # share of the last run's households of which no record is left
contacts_replaced = {settings.gates.contacts_replaced}  # share of the contacts whose id is somebody else's now
largest_household = {settings.gates.largest_household}  # records in one household
# Shares of the households of the last run that still have records; a first run has none.
ids_changed = {settings.gates.ids_changed}  # whose id ended, as others took their records over
merges = {settings.gates.merges}  # that lost records to another one: merged into it, or split"""

_ATTRIBUTION = """
# -- attribution ---------------------------------------------------------------------------------
[attribution]
# markov, shapley, hybrid, first_touch, last_touch, linear, time_decay or position_based
published_model = "{settings.attribution.published_model}"
hybrid_alpha = {settings.attribution.hybrid_alpha}  # hybrid = alpha x markov + (1 - alpha) x shapley
half_life_days = {settings.attribution.half_life_days}  # time_decay
position_first = {settings.attribution.position_first}  # position_based: first, last, and the rest between
position_last = {settings.attribution.position_last}
draws = {settings.attribution.draws}  # of the posterior, for the intervals
seed = {settings.attribution.seed}
lookback_days = {settings.attribution.lookback_days}  # touches longer before a journey's end do not count; 0: all do
leave_out = []  # channels that count only in journeys without any other, such as your own: ["direct"]
repeats = "{settings.attribution.repeats}"  # touches in a row by one channel and play: each, or once
markov_order = {settings.attribution.markov_order}  # touches a step depends on: 1 to 4, or "auto"
identity_draws = {settings.attribution.identity_draws}  # of memberships in doubt; 0: as if all were sure
minimum_journeys = {settings.attribution.minimum_journeys}  # areas with fewer get no credits
priors = true  # let the personas of personas.toml lean; attribute --no-priors does without
# control_list = "control.txt"  # homes that are held out, a property_id a line; or the column control of properties
"""

_PERSONAS = """
# -- personas of homes whose feed does not say ------------------------------------------------------
[personas]
classify = true  # learn them from the homes that have one; false: they have none
features = {features}
bands = {settings.personas.bands}  # of each feature, with equally many homes
fewest = {settings.personas.fewest}  # homes with a persona, below which nothing is learnt
"""

_PRIVACY = """
# -- those who were forgotten, and what was set aside -------------------------------------------------
[privacy]
forgotten_days = {settings.privacy.forgotten_days}  # so long new rows about somebody forgotten are not read
phone_days = {settings.privacy.phone_days}  # the same by the number alone: numbers are given to others
quarantine_days = {settings.privacy.quarantine_days}  # exported quarantine is removed after so long; 0: never
"""

_JOURNEYS = """
# -- journeys that were assembled elsewhere: attribute --journeys SOURCE ----------------------------
[journeys]
dsn_env = "{settings.journeys.dsn_env}"  # the variable with the DSN behind postgres:TABLE
# iceberg:lake.crm.journeys is the table crm.journeys of this catalog; what is secret goes into the environment, as
# pyiceberg names it: PYICEBERG_CATALOG__LAKE__CREDENTIAL
# [journeys.catalogs.lake]
# type = "rest"
# uri = "https://catalog.example.com"
"""
