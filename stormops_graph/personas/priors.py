"""What each persona leans to: multipliers for channels and plays, declared in `matching_rules/personas.toml`.

Invariant: a multiplier is the persona's own, times those of the income and property value bands that are known; a
figure that is not known changes nothing. Keys that are not listed are 1. Where a home has only chances of personas, its
multipliers are the mean of theirs.
"""

from __future__ import annotations

import json
import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from importlib.resources import as_file, files
from itertools import pairwise
from numbers import Real
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from stormops_graph.carryover import renewed
from stormops_graph.errors import InputError, NotFound
from stormops_graph.ports import Graph, Row
from stormops_graph.rules.declarations import read_declaration
from stormops_graph.settings import Listed, Section
from stormops_graph.tables import PROPERTY, PROPERTY_PERSONA, PROPERTY_PRIORS, Connection

PRIORS_FILE = "personas.toml"

Multiplier = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Multipliers = dict[str, dict[str, float]]
"""`{"channels": {channel: multiplier}, "plays": {play: multiplier}}`."""

DISTINCT = """
SELECT DISTINCT primary_persona, median_household_income, estimated_value
FROM property WHERE primary_persona IN (SELECT unnest($known)) ORDER BY ALL
"""
JOINED = """
INSERT INTO property_priors
SELECT property_id, priors
FROM property JOIN (
    SELECT unnest($persona::VARCHAR[]) AS persona, unnest($income::DOUBLE[]) AS income,
           unnest($value::DOUBLE[]) AS value, unnest($priors::VARCHAR[]) AS priors
) ON primary_persona = persona AND median_household_income IS NOT DISTINCT FROM income
     AND estimated_value IS NOT DISTINCT FROM value
ORDER BY property_id
"""
# A print of what they are made of, whatever its order.
HOMES = """
SELECT count(*), sum(hash(hash(property_id, primary_persona, median_household_income, estimated_value))::HUGEINT)
FROM property
"""
LIKELY = """
SELECT property_id, median_household_income, estimated_value, personas, chances
FROM property_persona JOIN property USING (property_id) ORDER BY property_id
"""
UNKNOWN = "SELECT count(*) FROM journey WHERE persona IS NULL"

# The same as `read/persona_chances`.
CHANCES = """
WITH home AS (
    SELECT household, property_id, coalesce(zip5, 'UNKNOWN') AS zip_code, personas, chances
    FROM residence JOIN property USING (property_id) JOIN property_persona USING (property_id)
    WHERE primary_persona IS NULL
), journey_home AS (
    SELECT journey_id, unnest(arg_min({names: personas, chances: chances}, property_id), recursive := true)
    FROM journey JOIN home USING (household, zip_code) WHERE journey.persona IS NULL GROUP BY journey_id
)
SELECT persona, sum(chance) FROM (
    SELECT unnest("names") AS persona, unnest(chances) AS chance FROM journey_home ORDER BY journey_id
) GROUP BY persona ORDER BY persona
"""

PRINTED = "SELECT count(*), sum(hash(hash(property_id, personas, chances))::HUGEINT) FROM property_persona"


class Leaning(Section):
    """Multipliers of channels and plays; 1 where nothing is said."""

    channels: dict[str, Multiplier] = Field(default_factory=dict)
    plays: dict[str, Multiplier] = Field(default_factory=dict)


class Band(Leaning):
    """Multipliers for figures below a bound; without a bound, for all that are left."""

    below: Annotated[float, Field(gt=0)] = math.inf


class Priors(Section):
    """The multipliers of personas, and how income and property value adjust them."""

    version: Literal[1]
    personas: dict[str, Leaning] = Field(min_length=1)
    income: Listed[Band] = ()
    property_value: Listed[Band] = ()

    @model_validator(mode="after")
    def _bands_in_order(self) -> Priors:
        for name in ("income", "property_value"):
            bounds = [band.below for band in getattr(self, name)]
            if any(later <= earlier for earlier, later in pairwise(bounds)):
                # not a ValueError: pydantic would hold its traceback, and all it refers to, for good
                raise PydanticCustomError("bands", f"{name}: `below` must rise, the band without it being last")
        return self

    @classmethod
    def read(cls, file: Path) -> Priors:
        """Read a rules file; raises SettingsError with file, line and field."""
        return read_declaration(file, cls)

    @classmethod
    def shipped(cls) -> Priors:
        """The priors that come with the package."""
        with as_file(files("stormops_graph.matching_rules").joinpath(PRIORS_FILE)) as file:
            return cls.read(file)

    def get_priors(self, persona: str, income: float | None = None, property_value: float | None = None) -> Multipliers:
        """The multipliers of a persona with this income and property value (US dollars, None: not known).

        Raises NotFound for an unknown persona, InputError for a figure that is negative or not a number.
        """
        if persona not in self.personas:
            raise NotFound(f"no persona is called {persona}", f"known personas: {', '.join(sorted(self.personas))}")
        leanings: list[Leaning] = [self.personas[persona]]
        for name, figure, bands in (
            ("income", income, self.income),
            ("property_value", property_value, self.property_value),
        ):
            if figure is not None:
                leanings += _band(name, figure, bands)
        return {
            "channels": _product([leaning.channels for leaning in leanings]),
            "plays": _product([leaning.plays for leaning in leanings]),
        }

    def of_personas(self) -> dict[str, Multipliers]:
        """Each persona's own multipliers, as they are for middling incomes and property values."""
        return {
            persona: {"channels": dict(leaning.channels), "plays": dict(leaning.plays)}
            for persona, leaning in self.personas.items()
        }


def property_priors(con: Connection, priors: Priors) -> None:
    """Write PROPERTY_PRIORS: the multipliers, as JSON, of every property with a persona or with chances of some. Where
    all that they are made of is as it was, they stand.
    """
    PROPERTY.check(con)
    PROPERTY_PERSONA.ensure(con)
    made_by = (priors, con.execute(HOMES).fetchall(), print_chances(con))
    with renewed(con, PROPERTY_PRIORS.name, *made_by) as known:
        if not known:
            _write_priors(con, priors)


def _write_priors(con: Connection, priors: Priors) -> None:
    PROPERTY_PRIORS.create(con)
    of_home = _of_homes(priors)
    distinct = con.execute(DISTINCT, {"known": sorted(priors.personas)}).fetchall()
    columns: dict[str, list[object]] = {"persona": [], "income": [], "value": [], "priors": []}
    told: dict[int, str] = {}  # homes of the same bands have the same multipliers
    for persona, income, value in distinct:
        found = of_home(persona, income, value)
        if id(found) not in told:
            told[id(found)] = json.dumps(found, sort_keys=True)
        for column, cell in zip(columns, (persona, income, value, told[id(found)]), strict=True):
            columns[column].append(cell)
    con.execute(JOINED, columns)
    likely = con.execute(LIKELY).fetchall()
    PROPERTY_PRIORS.append(con, [(row[0], json.dumps(_of_chances(of_home, row), sort_keys=True)) for row in likely])


def _of_homes(priors: Priors) -> Callable[[str, float | None, float | None], Multipliers]:
    """`get_priors` of figures as homes have them, worked out once for a persona and the bands that these are in."""
    known: dict[tuple[str, int | None, int | None], Multipliers] = {}
    incomes, values = ([band.below for band in bands] for bands in (priors.income, priors.property_value))

    def found(persona: str, income: float | None, value: float | None) -> Multipliers:
        income, value = _plausible(income), _plausible(value)
        bands = persona, _above(incomes, income), _above(values, value)
        if bands not in known:
            known[bands] = priors.get_priors(persona, income, value)
        return known[bands]

    return found


def _above(bounds: Sequence[float], figure: float | None) -> int | None:
    """How many of the bounds a figure reaches."""
    return None if figure is None else bisect_right(bounds, figure)


def journey_priors(
    con: Connection, graph: Graph | None, priors: Priors | None, event: str | None = None
) -> dict[str, Multipliers] | None:
    """Each persona's multipliers, and under "" those of the graph's journeys whose homes have only chances of some.

    The latter are a mean over all journeys without a persona: one that nothing is known of counts with 1. None
    without `priors`; without `graph` no home has chances.
    """
    if priors is None or graph is None:
        return None if priors is None else priors.of_personas()
    return _leaning(con, priors, graph.read("read/persona_chances", event_id=event))


def planned_priors(con: Connection, priors: Priors | None) -> dict[str, Multipliers] | None:
    """The same as `journey_priors` of the graph that the stage tables would make, JOURNEY being of them."""
    if priors is None:
        return None
    chances = con.execute(CHANCES).fetchall()
    return _leaning(con, priors, ({"persona": persona, "chance": chance} for persona, chance in chances))


def print_chances(con: Connection) -> str:
    """A print of what `planned_priors` goes by besides journeys, homes and the declared priors."""
    PROPERTY_PERSONA.ensure(con)
    return str(con.execute(PRINTED).fetchall()[0])


def _leaning(con: Connection, priors: Priors, chances: Iterable[Row]) -> dict[str, Multipliers]:
    found = priors.of_personas()
    unknown = con.execute(UNKNOWN).fetchall()[0][0]
    if not unknown:
        return found
    parts = [(found[row["persona"]], row["chance"] / unknown) for row in chances if row["persona"] in found]
    return {**found, "": _mean(parts)}


def _of_chances(of_home: Callable[[str, float | None, float | None], Multipliers], row: Sequence[Any]) -> Multipliers:
    _, income, value, personas, chances = row
    return _mean([(of_home(persona, income, value), chance) for persona, chance in zip(personas, chances, strict=True)])


def _mean(parts: Sequence[tuple[Multipliers, float]]) -> Multipliers:
    """The mean of multipliers by weights that sum to 1 or less; the rest weighs for 1."""
    mean: Multipliers = {"channels": {}, "plays": {}}
    for kind, found in mean.items():
        for key in sorted({key for multipliers, _ in parts for key in multipliers[kind]}):
            shift = sum(weight * (multipliers[kind].get(key, 1.0) - 1.0) for multipliers, weight in parts)
            found[key] = round(1.0 + shift, 4)
    return mean


def _plausible(figure: float | None) -> float | None:
    return figure if figure is not None and math.isfinite(figure) and figure >= 0 else None


def _band(name: str, figure: float, bands: Sequence[Band]) -> Sequence[Leaning]:
    if not isinstance(figure, Real | Decimal) or not math.isfinite(figure) or figure < 0:
        raise InputError(f"{name} must be a number of dollars, 0 or more", "leave it out where it is not known")
    return [band for band in bands if figure < band.below][:1]


def _product(parts: Sequence[Mapping[str, float]]) -> dict[str, float]:
    product: dict[str, float] = {}
    for part in parts:
        for key, multiplier in part.items():
            product[key] = round(product.get(key, 1.0) * multiplier, 4)
    return dict(sorted(product.items()))
