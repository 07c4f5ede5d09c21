"""What a storm sets off: each household's journey of touches, in an order that depends on its persona.

Invariant: a journey lies within 60 days of its storm and ends with its first conversion. Chances of the next
channel depend on persona and last channel; chances to convert on persona, channel and the channels before.
"""

from __future__ import annotations

from dataclasses import dataclass

from stormops_graph.simulation.dice import Dice, Wheel
from stormops_graph.simulation.people import Household, Person
from stormops_graph.simulation.storms import DAY, JOURNEY_DAYS, WORLD_END, Storm, by_day
from stormops_graph.simulation.town import PLAYS, Home

CHANNELS = ("ga4", "email", "sms", "call", "door_knock")
REACHED_SHARE = 0.80
STOP_SHARE = 0.30
MEAN_GAP_DAYS = 4.5
CLICK_SHARE = 0.42
FOLLOW_SHARE = 0.35
CURIOUS_SHARE = 0.07

# Weights of ga4, email, sms, call, door_knock as the first touch ("") and after each channel.
FLOWS: dict[str, dict[str, tuple[int, int, int, int, int]]] = {
    "Deal_Hunter": {
        "": (46, 18, 4, 4, 28),
        "ga4": (16, 40, 8, 12, 24),
        "email": (16, 14, 6, 14, 50),
        "sms": (16, 18, 10, 24, 32),
        "call": (18, 22, 14, 16, 30),
        "door_knock": (12, 18, 8, 46, 16),
    },
    "Proof_Seeker": {
        "": (40, 16, 3, 5, 36),
        "ga4": (18, 26, 4, 10, 42),
        "email": (24, 18, 4, 40, 14),
        "sms": (22, 30, 8, 24, 16),
        "call": (24, 40, 6, 14, 16),
        "door_knock": (18, 50, 6, 16, 10),
    },
    "Family_Protector": {
        "": (38, 8, 14, 6, 34),
        "ga4": (14, 10, 24, 12, 40),
        "email": (16, 10, 26, 22, 26),
        "sms": (12, 8, 18, 44, 18),
        "call": (12, 10, 36, 16, 26),
        "door_knock": (10, 10, 48, 20, 12),
    },
    "Status_Conscious": {
        "": (34, 10, 3, 9, 44),
        "ga4": (16, 12, 4, 20, 48),
        "email": (14, 12, 4, 26, 44),
        "sms": (14, 12, 6, 30, 38),
        "call": (10, 16, 6, 18, 50),
        "door_knock": (14, 14, 5, 45, 22),
    },
}
BEFORE_CONVERSION = {"ga4": 0.008, "email": 0.015, "sms": 0.025, "call": 0.085, "door_knock": 0.045}
LEANING = {
    "Deal_Hunter": {"sms": 1.3, "door_knock": 1.3, "email": 0.7},
    "Proof_Seeker": {"email": 2.0, "call": 1.2, "sms": 0.5},
    "Family_Protector": {"sms": 2.2, "call": 1.1},
    "Status_Conscious": {"door_knock": 1.7, "sms": 0.4},
}
_NEXT = {persona: {last: Wheel(CHANNELS, weights) for last, weights in flow.items()} for persona, flow in FLOWS.items()}


@dataclass(slots=True)
class Touch:
    """A contact between the company and somebody at a home; `mail` is the email whose link was followed."""

    at: int
    channel: str
    play_id: str
    event_id: str
    home: Home
    person: Person
    record_id: str = ""
    mail: Touch | None = None
    clicked: bool = False


@dataclass(slots=True)
class Journey:
    """A household's touches in one storm; `converted_at` is None where nothing came of it."""

    household: Household
    storm: Storm
    zip_code: str
    persona: str
    touches: list[Touch]
    converted_at: int | None = None


def plan_journey(dice: Dice, household: Household, storm: Storm) -> Journey | None:
    """The journey of a household, None where the storm missed it or nobody reached it."""
    arrival = max(storm.started_at, household.stays[0].start)
    home = household.home(arrival)
    if home is None or home.zip_code not in storm.zip_codes or not dice.chance(REACHED_SHARE):
        return None
    persona = home.features.persona
    journey = Journey(household, storm, home.zip_code, persona, [])
    at = int(arrival + (0.3 + dice.waiting(6.0)) * DAY)
    last = min(storm.started_at + JOURNEY_DAYS * DAY, WORLD_END)
    channel = ""
    while at < last:
        person = _who(dice, household)
        channel = _possible(_NEXT[persona][channel].spin(dice), person, at)
        _touch(dice, journey, channel, person, at if channel in ("ga4", "email") else by_day(at))
        if dice.chance(_conversion_chance(journey, channel)):
            journey.converted_at = journey.touches[-1].at + int(dice.between(0.1, 5) * DAY)
            break
        if dice.chance(STOP_SHARE):
            break
        at = int(journey.touches[-1].at + (0.2 + dice.waiting(MEAN_GAP_DAYS)) * DAY)
    return journey if journey.touches else None


def _who(dice: Dice, household: Household) -> Person:
    if dice.chance(0.03):
        return dice.pick(household.people)
    return household.grown[0] if dice.chance(0.66) else dice.pick(household.grown)


def _possible(channel: str, person: Person, at: int) -> str:
    """The channel, or a knock where the person has no such address."""
    missing = (channel == "email" and not person.emails) or (channel in ("sms", "call") and not person.mobile(at))
    return "door_knock" if missing else channel


def _touch(dice: Dice, journey: Journey, channel: str, person: Person, at: int) -> None:
    """A touch, and the visit to the web site that it sometimes leads to at once."""
    home = journey.household.home(at) or journey.household.stays[0].home
    touch = Touch(at, channel, _play(dice, home), journey.storm.event_id, home, person)
    touch.clicked = channel == "email" and dice.chance(CLICK_SHARE)
    journey.touches.append(touch)
    if channel != "ga4" and dice.chance(FOLLOW_SHARE if touch.clicked else CURIOUS_SHARE):
        wait = dice.between(40, 240) if touch.clicked else dice.between(300, 7200)
        visit = Touch(int(at + wait), "ga4", touch.play_id, touch.event_id, home, person)
        visit.mail = touch if touch.clicked else None
        journey.touches.append(visit)


def _play(dice: Dice, home: Home) -> str:
    luck = dice.uniform()
    if luck < 0.78:
        return home.features.play
    return "" if luck < 0.93 else dice.pick(PLAYS[home.features.persona])


def _conversion_chance(journey: Journey, channel: str) -> float:
    """The chance that the touch just made ends the journey: more after more channels."""
    distinct = len({touch.channel for touch in journey.touches})
    leaning = LEANING[journey.persona].get(channel, 1.0)
    return min(0.6, BEFORE_CONVERSION[channel] * leaning * (1 + 0.35 * (distinct - 1)))
