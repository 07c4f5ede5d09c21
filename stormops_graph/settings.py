"""The settings of a project, read once at the edge from `stormops.toml` and passed down.

Unknown keys are refused, with file, line and field (see `project.py` for reading).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

Item = TypeVar("Item")
Listed = Annotated[tuple[Item, ...], Field(strict=False)]  # TOML has lists alone
Share = Annotated[float, Field(ge=0, le=1)]
Port = Annotated[int, Field(ge=0, le=65535)]
ModelName = Literal[
    "markov",
    "shapley",
    "hybrid",
    "first_touch",
    "last_touch",
    "linear",
    "time_decay",
    "position_based",
]
FEED_NAMES = (
    "properties",
    "crm_contacts",
    "ga4_events",
    "calls",
    "door_knocks",
    "emails",
    "sms",
    "storms",
    "conversions",
)
UNKNOWN_NAME = "unknown_name"  # the type of a complaint about a name, with those that are allowed
Depth = Literal["auto", 1, 2, 3, 4]


class Section(BaseModel):
    """A section that refuses unknown keys, and values of another kind: text is no number, and `true` is none."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def _known_feed(name: str) -> str:
    if name not in FEED_NAMES:
        raise PydanticCustomError(UNKNOWN_NAME, "unknown feed", {"name": name, "allowed": FEED_NAMES})
    return name


FeedName = Annotated[str, AfterValidator(_known_feed)]


class FeedSettings(Section):
    """Where a feed's rows are, and what its columns are called there."""

    path: str | list[str] = ""
    table: str = ""
    dsn_env: str = "FEEDS_DSN"
    delimiter: str = ""
    encoding: str = ""
    columns: dict[str, str] = Field(default_factory=dict)


class ProjectSettings(Section):
    """The project's name and whether its feeds are made up."""

    name: str = "storm"
    simulated: bool = False
    rules: str = "matching_rules"


class Neo4jSettings(Section):
    """The graph server: our own local one when `uri` is empty."""

    uri: str = ""
    user: str = "neo4j"
    password_env: str = "NEO4J_PASSWORD"  # noqa: S105  (the name of a variable)
    database: str = "neo4j"
    bolt_port: Port = 0  # 0: the first free one, then always that
    http_port: Port = 0
    heap_mb: int = Field(default=1024, ge=256)
    pagecache_mb: int = Field(default=256, ge=32)
    import_at_least: int = Field(default=300_000, ge=1)  # below, statements are quicker than a restart


class PostgresSettings(Section):
    """The server of the outputs: our own local one when `dsn_env` is unset or empty in the environment."""

    dsn_env: str = "POSTGRES_DSN"
    port: Port = 0
    table_schema: str = "public"


class WorkspaceSettings(Section):
    """The DuckDB file of the stage tables."""

    # The servers live on the machine as well. What a million source rows take beyond it is mostly cache.
    memory_mb: int = Field(default=2000, ge=200)


class Gate(StrEnum):
    """The gates, as stormops.toml names them."""

    feed_shrink = "feed_shrink"
    column_lost = "column_lost"
    households_gone = "households_gone"
    contacts_replaced = "contacts_replaced"
    largest_household = "largest_household"
    ids_changed = "ids_changed"
    merges = "merges"


class GateSettings(Section):
    """What stops a run before anything is written."""

    feed_shrink: Share = 0.2
    allow_shrink: list[FeedName] = Field(default_factory=list)
    column_lost: Share = 0.05
    households_gone: Share = 0.1
    contacts_replaced: Share = 0.02
    largest_household: int = Field(default=200, ge=1)
    ids_changed: Share = 0.05
    merges: Share = 0.05


class AttributionSettings(Section):
    """Options of the attribution models (docs/attribution.md gives the formulas)."""

    published_model: ModelName = "markov"
    hybrid_alpha: Share = 0.5
    half_life_days: float = Field(default=7.0, gt=0)
    position_first: Share = 0.4
    position_last: Share = 0.4
    draws: int = Field(default=1000, ge=100)
    seed: int = 20240528
    lookback_days: float = Field(default=0.0, ge=0)  # touches longer before the journey's end do not count; 0: all do
    leave_out: Listed[str] = ()  # channels that count only in journeys without any other
    repeats: Literal["each", "once"] = "each"  # touches in a row by one channel and play
    markov_order: Depth = 1  # touches that a step of the chain depends on
    minimum_journeys: int = Field(default=1, ge=1)  # areas with fewer get no credits
    identity_draws: int = Field(default=50, ge=0)  # of memberships in doubt; 0: as if all were sure
    priors: bool = True  # let the personas of `personas.toml` lean
    control_list: str = ""  # a file of held-out homes, by property_id


Feature = Literal[
    "median_household_income",
    "estimated_value",
    "property_age",
    "risk_score",
    "price_sensitivity",
    "risk_tolerance",
    "square_footage",
]


class PersonaSettings(Section):
    """How a home without a persona gets probabilities of one."""

    classify: bool = True
    features: Listed[Feature] = (
        "median_household_income",
        "estimated_value",
        "property_age",
        "risk_score",
        "price_sensitivity",
        "risk_tolerance",
    )
    bands: int = Field(default=8, ge=2, le=50)
    fewest: int = Field(default=50, ge=10)  # homes with a persona, below which nothing is learnt


class PrivacySettings(Section):
    """How long those who were forgotten are not read again, and how long exported quarantine is kept."""

    forgotten_days: int = Field(default=1095, ge=1)
    phone_days: int = Field(default=365, ge=1)  # numbers are given to others
    quarantine_days: int = Field(default=90, ge=0)  # 0: for ever


class JourneySettings(Section):
    """Where tables of journeys that were assembled elsewhere are: `attribute --journeys postgres:…` and `iceberg:…`."""

    dsn_env: str = "FEEDS_DSN"
    catalogs: dict[str, dict[str, str]] = Field(default_factory=dict)  # of Iceberg, as pyiceberg names their properties


class ReviewSettings(Section):
    """What stewards are asked, and what two of them must agree on."""

    sure: Share = 0.99  # evidence at least so probable is not asked about
    second_steward_above: int = Field(default=0, ge=0)  # records of a merge, above which two decide; 0: never


class Settings(Section):
    """All of `stormops.toml`."""

    project: ProjectSettings = ProjectSettings()
    feeds: dict[FeedName, FeedSettings] = Field(default_factory=dict)
    neo4j: Neo4jSettings = Neo4jSettings()
    postgres: PostgresSettings = PostgresSettings()
    workspace: WorkspaceSettings = WorkspaceSettings()
    gates: GateSettings = GateSettings()
    attribution: AttributionSettings = AttributionSettings()
    journeys: JourneySettings = JourneySettings()
    personas: PersonaSettings = PersonaSettings()
    review: ReviewSettings = ReviewSettings()
    privacy: PrivacySettings = PrivacySettings()
