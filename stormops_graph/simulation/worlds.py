"""A whole world: a town, its people, a storm or two, and what the company's systems saw of it."""

from __future__ import annotations

from pathlib import Path

from stormops_graph.errors import SettingsError
from stormops_graph.simulation.campaign import plan_journey
from stormops_graph.simulation.contacts import Crm
from stormops_graph.simulation.dice import Dice
from stormops_graph.simulation.exports import TRUTH_TABLES, Row, SimulationReport, World, write_world
from stormops_graph.simulation.lexicon import Lexicon
from stormops_graph.simulation.people import Household, Registry, settle, share_phones
from stormops_graph.simulation.storms import WORLD_END, WORLD_START, Storm, storms_over, utc
from stormops_graph.simulation.town import Home, build_homes
from stormops_graph.simulation.traces import Tracer
from stormops_graph.simulation.web import Site

SMALLEST, LARGEST = 10, 1_500_000  # a million households take 13 GB of memory
STRANGERS = {"ga4": 0.03, "calls": 0.02, "crm_contacts": 0.004}  # of the households
EMPTY_SHARE = 0.4
LATE_SHARE = 0.015
REPEAT_SHARE = 0.005
CLOCKS = {"calls": "started_at", "door_knocks": "knocked_at", "emails": "occurred_at", "sms": "occurred_at"}


def simulate(folder: Path, households: int, seed: int) -> SimulationReport:
    """Write a storm world of this many households; the same arguments give the same bytes.

    Raises SettingsError for a size or seed that cannot be, InputError where other feeds lie in `folder`.
    """
    if not SMALLEST <= households <= LARGEST or seed < 0:
        raise SettingsError(
            f"a world needs {SMALLEST} to {LARGEST} households and a seed of 0 or more",
            "say for example --households 1000 --seed 7",
        )
    dice, lexicon = Dice(seed), Lexicon()
    homes = build_homes(dice, lexicon, households)
    registry = Registry(dice, lexicon)
    people = settle(registry, homes)
    shared = share_phones(registry, people)
    world = World(truth={name: [] for name in TRUTH_TABLES})
    _write_properties(dice, world, homes)
    _write_journeys(registry, world, people, sorted(n for n, why in shared.items() if why == "manager"))
    _write_truth(world, people, shared)
    _as_exported(dice, world)
    return write_world(world, folder, households, seed)


def _write_journeys(registry: Registry, world: World, people: list[Household], managers: list[str]) -> None:
    dice = registry.dice
    homes = [stay.home for household in people for stay in household.stays]
    storms = storms_over(sorted({home.zip_code for home in homes}))
    site, crm = Site(registry, world, homes), Crm(registry, world)
    tracer = Tracer(registry, world, site)
    for household in people:
        planned = [plan_journey(dice, household, storm) for storm in storms]
        journeys = [journey for journey in planned if journey]
        contacts = crm.write_household(household, journeys[0].touches[0].at if journeys else None)
        for journey in journeys:
            tracer.write(journey, contacts)
        if len(household.stays) > 1 and dice.chance(EMPTY_SHARE):
            tracer.knock_at_empty(household.stays[1])
    site.strangers(round(len(people) * STRANGERS["ga4"]))
    tracer.strangers(round(len(people) * STRANGERS["calls"]), managers)
    crm.strangers(round(len(people) * STRANGERS["crm_contacts"]))
    for storm in storms:
        _write_storm(world, storm)


def _write_storm(world: World, storm: Storm) -> None:
    row: Row = {
        "event_id": storm.event_id,
        "name": storm.name,
        "started_at": utc(storm.started_at),
        "ended_at": utc(storm.ended_at) if storm.ended_at else "",
        "zip_codes": " ".join(storm.zip_codes),
    }
    world.add("storms", row)


def _write_properties(dice: Dice, world: World, homes: list[Home]) -> None:
    for home in homes:
        features = home.features
        unit = f" Apt {home.unit}" if home.unit else ""
        street = " ".join(
            part for part in (home.street.direction, home.street.name, home.street.kind.spellings[0]) if part
        )
        row: Row = {
            "property_id": home.property_id,
            "address": f"{home.number} {street}{unit}",
            "city": home.street.city,
            "state": "TX",
            "zip_code": "" if dice.chance(0.006) else home.zip_code,
            "estimated_value": features.value,
            "square_footage": features.square_footage,
            "property_age": 2024 - features.year_built,
            "risk_score": features.risk_score,
            "risk_tier": "Very High" if features.risk_score >= 80 else "High",
            "primary_persona": "" if dice.chance(0.08) else features.persona,
            "recommended_play": features.play,
            "sii_score": features.sii_score,
            "follow_up_sla_hours": 12 if features.sii_score >= 100 else 48,
            "median_household_income": "" if dice.chance(0.02) else features.income,
            "price_sensitivity": features.price_sensitivity,
            "risk_tolerance": round(100 - features.price_sensitivity, 2),
        }
        world.add("properties", row)


def _write_truth(world: World, people: list[Household], shared: dict[str, str]) -> None:
    for household in people:
        for stay in household.stays:
            world.truth["households"].append(
                {
                    "household_id": household.household_id,
                    "property_id": stay.home.property_id,
                    "from": utc(stay.start) if stay.start > WORLD_START else "",
                    "to": utc(stay.end) if stay.end < WORLD_END else "",
                    "persona": stay.home.features.persona,
                }
            )
        for person in household.people:
            world.truth["persons"].append(
                {
                    "person_id": person.person_id,
                    "household_id": household.household_id,
                    "given": person.given,
                    "surname": person.surname,
                }
            )
    world.truth["shared_phones"] = [{"phone": f"+1{n}", "why": why} for n, why in sorted(shared.items())]


def _as_exported(dice: Dice, world: World) -> None:
    """Rows in the order exports have them: by time, some late, some twice; master data in any order."""
    for feed, clock in CLOCKS.items():
        world.rows[feed] = _arrivals(dice, world.rows[feed], clock)
    world.rows["ga4_events"] = _arrivals(dice, world.rows["ga4_events"], "event_timestamp")
    for feed in ("properties", "crm_contacts", "conversions"):
        world.rows[feed] = dice.shuffled(world.rows[feed])


def _arrivals(dice: Dice, rows: list[Row], clock: str) -> list[Row]:
    ordered = sorted(rows, key=lambda row: row[clock])
    arrived: list[tuple[int, Row]] = []
    for place, row in enumerate(ordered):
        late = dice.below(1 + len(rows) // 4) if dice.chance(LATE_SHARE) else 0
        arrived.append((place + late, row))
        if dice.chance(REPEAT_SHARE):
            arrived.append((place + late + dice.below(50), row))
    return [row for _, row in sorted(arrived, key=lambda pair: pair[0])]
