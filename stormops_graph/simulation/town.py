"""A town: ZIPs, streets, and homes with the features that a property file has.

Invariant: within a ZIP no two homes have the same street, number and unit, but for group quarters, whose
residents share one address; the same street name comes back in other ZIPs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from stormops_graph.simulation.dice import Dice
from stormops_graph.simulation.lexicon import Lexicon, StreetType

HOMES_PER_ZIP = 400
HOMES_PER_STREET = 22
FLAT_SHARE = 0.16
QUARTERS_SHARE = 0.0125
PERSONAS = ("Deal_Hunter", "Proof_Seeker", "Family_Protector", "Status_Conscious")
PLAYS = {
    "Deal_Hunter": ("Financing_Aggressive", "Financing_Standard"),
    "Proof_Seeker": ("Impact_Report_Premium", "Impact_Report_Standard"),
    "Family_Protector": ("Safety_Warranty", "Safety_Standard"),
    "Status_Conscious": ("Premium_Showcase", "Premium_Standard"),
}


@dataclass(frozen=True, slots=True)
class Street:
    """A street of one ZIP."""

    direction: str
    name: str
    kind: StreetType
    zip_code: str
    city: str


@dataclass(frozen=True, slots=True)
class Features:
    """What is known of a home: money in dollars, area in square feet, scores 0 to 100."""

    value: int
    square_footage: int
    year_built: int
    income: int
    price_sensitivity: float
    risk_score: float
    sii_score: int
    persona: str

    @property
    def play(self) -> str:
        """The play that the scores recommend."""
        strong, standard = PLAYS[self.persona]
        return strong if self.sii_score >= 92 else standard


@dataclass(frozen=True, slots=True)
class Home:
    """A dwelling; `building` names that of a flat, `capacity` is above one in group quarters only."""

    property_id: str
    number: int
    street: Street
    unit: str
    features: Features
    building: str
    capacity: int

    @property
    def zip_code(self) -> str:
        """The five-digit ZIP."""
        return self.street.zip_code


@dataclass(frozen=True, slots=True)
class _Level:
    """What homes around here are like: dollars, dollars a year, year."""

    value: float
    income: float
    built: float


class _Zip:
    """One ZIP while it is built: its streets, what each is like, and the next free number on each."""

    def __init__(self, dice: Dice, lexicon: Lexicon, place: int, wanted: int) -> None:
        self.dice = dice
        zip_code, city = f"{75201 + place:05d}", lexicon.cities[place % len(lexicon.cities)]
        self.streets = _streets(dice, lexicon, zip_code, city, wanted)
        area = _Level(dice.between(190_000, 520_000), dice.between(38_000, 120_000), dice.between(1952, 2002))
        self._levels = {street: _near(dice, area) for street in self.streets}
        self._last = {street: 100 * (1 + dice.below(90)) + dice.below(20) for street in self.streets}

    def number(self, street: Street) -> int:
        """The next house number of a street."""
        self._last[street] += 1 + self.dice.below(6)
        return self._last[street]

    def house(self, street: Street, capacity: int = 1) -> Home:
        """A house, or group quarters."""
        features = _features(self.dice, self._levels[street])
        return Home(self.dice.uuid(), self.number(street), street, "", features, "", capacity)

    def flats(self, street: Street, size: int) -> list[Home]:
        """The flats of one building: one year, a few floor plans, tenants of their own."""
        dice, number = self.dice, self.number(street)
        building = f"{number} {street.name} {street.zip_code}"
        first = _features(dice, self._levels[street])
        plans = [round(dice.between(520, 1400), -1) for _ in range(3)]
        lettered = size <= 8 and dice.chance(0.4)
        flats = []
        for flat in range(size):
            unit = chr(ord("A") + flat) if lettered else str(100 * (1 + flat // 6) + 1 + flat % 6)
            plan, own = int(dice.pick(plans)), _features(dice, self._levels[street])
            value = round(plan * first.value / first.square_footage * dice.between(0.98, 1.02))
            features = replace(own, value=value, square_footage=plan, year_built=first.year_built)
            flats.append(Home(dice.uuid(), number, street, unit, features, building, 1))
        return flats


def build_homes(dice: Dice, lexicon: Lexicon, households: int) -> list[Home]:
    """Homes with room for this many households, about 400 a ZIP, in Dallas-like ZIPs from 75201 on."""
    zips = max(1, round(households / HOMES_PER_ZIP))
    homes: list[Home] = []
    for place in range(zips):
        wanted = households * (place + 1) // zips - households * place // zips
        homes += _build_zip(_Zip(dice, lexicon, place, wanted), wanted)
    return homes


def _build_zip(area: _Zip, wanted: int) -> list[Home]:
    dice, homes, left = area.dice, [], wanted
    if (crowd := round(wanted * QUARTERS_SHARE)) >= 3:
        homes.append(area.house(area.streets[0], crowd))
        left -= crowd
    flats = round(wanted * FLAT_SHARE)
    while flats > 0:
        size = min(4 + dice.below(21), flats)
        homes += area.flats(dice.pick(area.streets), size)
        flats, left = flats - size, left - size
    homes += [area.house(area.streets[count % len(area.streets)]) for count in range(left)]
    return homes


def _streets(dice: Dice, lexicon: Lexicon, zip_code: str, city: str, wanted: int) -> list[Street]:
    names = dice.shuffled(lexicon.streets)[: max(2, round(wanted / HOMES_PER_STREET))]
    streets = []
    for name in names:
        direction = dice.pick("NSEW") if dice.chance(0.12) else ""
        streets.append(Street(direction, name, lexicon.street_type(dice), zip_code, city))
    if len(streets) > 5:  # one name, two kinds of street: people mix them up
        twin = streets[1]
        streets[2] = Street("", twin.name, _other_type(dice, lexicon, twin.kind), zip_code, city)
    return streets


def _other_type(dice: Dice, lexicon: Lexicon, kind: StreetType) -> StreetType:
    other = lexicon.street_type(dice)
    while other == kind:
        other = lexicon.street_type(dice)
    return other


def _near(dice: Dice, area: _Level) -> _Level:
    return _Level(
        area.value * dice.between(0.8, 1.25),
        area.income * dice.between(0.85, 1.18),
        area.built + dice.normal(0, 7),
    )


def _features(dice: Dice, level: _Level) -> Features:
    income = max(18_000, level.income * (1 + dice.normal(0, 0.25)))
    value = max(70_000, level.value * (1 + dice.normal(0, 0.22)))
    persona = _persona(dice, income, value)
    sensitivity = 100 * (1 - min(1.0, max(0.0, (income - 15_000) / 115_000))) + dice.normal(0, 4)
    return Features(
        value=round(value),
        square_footage=round(max(480, value / dice.between(110, 210))),
        year_built=min(2022, round(level.built + dice.normal(0, 4))),
        income=round(income),
        price_sensitivity=round(min(100.0, max(0.0, sensitivity)), 2),
        risk_score=float(5 * round(dice.between(8, 19.4))),
        sii_score=round(dice.between(62, 112)),
        persona=persona,
    )


def _persona(dice: Dice, income: float, value: float) -> str:
    felt = income * (1 + dice.normal(0, 0.15))
    if felt < 58_000:
        likely = "Deal_Hunter"
    elif felt > 102_000:
        likely = "Proof_Seeker"
    else:
        likely = "Status_Conscious" if value * (1 + dice.normal(0, 0.2)) > 380_000 else "Family_Protector"
    return likely if dice.chance(0.88) else dice.pick(PERSONAS)
