"""A town: ZIPs, streets, and homes with the features that a property file has.

Invariant: within a ZIP no two homes have the same street, number and unit, but for group quarters, whose
residents share one address; the same street name comes back in other ZIPs.
"""

from __future__ import annotations

from dataclasses import dataclass

from stormops_graph.simulation.dice import Dice
from stormops_graph.simulation.lexicon import Lexicon, StreetType

HOMES_PER_ZIP = 400
HOMES_PER_STREET = 22
FLAT_SHARE = 0.16
QUARTERS_SHARE = 0.02
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
    """A dwelling; `capacity` is above one only in group quarters."""

    property_id: str
    number: int
    street: Street
    unit: str
    features: Features
    building: int
    capacity: int

    @property
    def zip_code(self) -> str:
        """The five-digit ZIP."""
        return self.street.zip_code


@dataclass(frozen=True, slots=True)
class _Area:
    value: float
    income: float
    built: float


def build_homes(dice: Dice, lexicon: Lexicon, households: int) -> list[Home]:
    """Homes for this many households, about 400 a ZIP, in Dallas-like ZIPs from 75201 on."""
    zips = max(1, round(households / HOMES_PER_ZIP))
    homes: list[Home] = []
    for place in range(zips):
        wanted = households * (place + 1) // zips - households * place // zips
        _build_zip(dice, lexicon, place, wanted, homes)
    return homes


def _build_zip(dice: Dice, lexicon: Lexicon, place: int, wanted: int, homes: list[Home]) -> None:
    zip_code = f"{75201 + place:05d}"
    city = lexicon.cities[place % len(lexicon.cities)]
    area = _Area(dice.between(190_000, 520_000), dice.between(38_000, 120_000), dice.between(1952, 2002))
    streets = _streets(dice, lexicon, zip_code, city, wanted)
    left = wanted
    free = {street: 100 * (1 + dice.below(90)) + dice.below(20) for street in streets}
    if (crowd := round(wanted * QUARTERS_SHARE)) >= 3:
        left -= crowd
        homes.append(
            _home(dice, area, streets[0], _next_number(dice, free, streets[0]), "", crowd, len(homes))
        )
    flats = round(wanted * FLAT_SHARE)
    while flats > 0 and left > 0:
        size = min(4 + dice.below(21), flats, left)
        _build_flats(dice, area, free, dice.pick(streets), size, homes)
        flats, left = flats - size, left - size
    for count in range(left):
        street = streets[count % len(streets)]
        homes.append(_home(dice, area, street, _next_number(dice, free, street), "", 1, len(homes)))


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


def _next_number(dice: Dice, free: dict[Street, int], street: Street) -> int:
    free[street] += 1 + dice.below(6)
    return free[street]


def _build_flats(
    dice: Dice, area: _Area, free: dict[Street, int], street: Street, size: int, homes: list[Home]
) -> None:
    number = _next_number(dice, free, street)
    building = len(homes)
    lettered = size <= 8 and dice.chance(0.4)
    for flat in range(size):
        unit = chr(ord("A") + flat) if lettered else str(100 * (1 + flat // 6) + 1 + flat % 6)
        homes.append(_home(dice, area, street, number, unit, 1, building))


def _home(
    dice: Dice, area: _Area, street: Street, number: int, unit: str, capacity: int, building: int
) -> Home:
    features = _features(dice, area, small=bool(unit))
    return Home(dice.uuid(), number, street, unit, features, building, capacity)


def _features(dice: Dice, area: _Area, small: bool) -> Features:
    income = max(18_000, area.income * (1 + dice.normal(0, 0.28)))
    value = max(70_000, area.value * (1 + dice.normal(0, 0.3)) * (0.55 if small else 1))
    footage = max(480, value / dice.between(110, 210)) if not small else dice.between(520, 1500)
    persona = _persona(dice, income, value)
    sensitivity = 100 * (1 - min(1.0, max(0.0, (income - 15_000) / 115_000))) + dice.normal(0, 4)
    return Features(
        value=round(value),
        square_footage=round(footage),
        year_built=min(2022, round(area.built + dice.normal(0, 9))),
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
