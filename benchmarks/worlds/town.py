"""Homes, and the households of a census that others simulated, moved into them.

Invariant: people keep the company they have in the census; a household drawn again gets other names, its members'
surnames changed alike.
"""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

HOMES_OF_ZIP = 400
FLATS = 0.2  # of the homes
MOVES = 0.008  # of the households
STORM = datetime(2025, 4, 14, 19)
DAYS = 60
AREAS = ("816", "913", "660", "417")
PROVIDERS = (
    "gmail.com",
    "gmail.com",
    "gmail.com",
    "yahoo.com",
    "outlook.com",
    "icloud.com",
    "comcast.net",
    "kcmail.net",
)
WORDS = ("royals", "chiefs", "bbq", "river", "jazz", "plaza", "fisher", "garden", "quilt", "trucks", "moon", "pinto")
KINDS = (" st", " ave", " dr", " rd", " ln", " ct", " blvd", " pl", " way", " cir", " ter")
PERSONAS = ("Deal_Hunter", "Proof_Seeker", "Family_Protector", "Status_Conscious")


@dataclass
class Home:
    """A dwelling with what the county knows of it."""

    number: str
    street: str
    kind: str
    unit: str
    zip_code: str
    value: int
    year: int
    area: int
    property_id: str = ""


@dataclass
class Person:
    """Somebody grown, and how to reach them."""

    person_id: str
    given: str
    surname: str
    born: int
    mobile: str = ""
    email: str = ""
    devices: list[str] = field(default_factory=list)


@dataclass
class Household:
    """People of one home; `moved` is when they left it for another."""

    household_id: str
    homes: list[Home]
    people: list[Person]
    moved: datetime | None = None
    landline: str = ""
    tablet: str = ""

    def home(self, at: datetime) -> Home:
        return self.homes[-1] if self.moved and at >= self.moved else self.homes[0]


class Town:
    """All homes and households, drawn from a seed."""

    def __init__(self, census: Path, households: int, dice: random.Random) -> None:
        self.dice = dice
        self._taken: set[str] = set()
        self._people = 0
        rows = duckdb.sql(
            "SELECT household_id, first_name, last_name, 2025 - TRY_CAST(age AS INTEGER), sex, street_name, "
            f"housing_type FROM '{census}/people.parquet' ORDER BY ALL"
        ).fetchall()
        self._families: dict[str, list[tuple[str, str, int, str]]] = defaultdict(list)
        self._given: dict[str, list[str]] = defaultdict(list)
        self._surnames = [row[2] for row in rows if row[2]]
        streets = sorted({row[5].lower() for row in rows if row[5] and row[5].lower().endswith(KINDS)})
        for household, given, surname, born, sex, _, housing in rows:
            if given and surname and born is not None:
                self._given[sex].append(given)
                if housing == "Household":
                    self._families[household].append((given, surname, born, sex))
        self.homes = self._homes(streets, households)
        self.households = self._settle(households)

    def phone(self) -> str:
        """A number that nobody has."""
        while True:
            digits = self.dice.choice(AREAS) + str(self.dice.randrange(220, 999)) + f"{self.dice.randrange(10_000):04d}"
            if digits[3:6] not in ("555", "911") and digits not in self._taken:
                self._taken.add(digits)
                return digits

    def cookie(self) -> str:
        return f"GA1.{self.dice.randrange(10**9, 2 * 10**9)}.{int(STORM.timestamp()) - self.dice.randrange(10**7)}"

    def _homes(self, streets: list[str], wanted: int) -> list[Home]:
        homes: list[Home] = []
        while len(homes) < wanted * 1.02:
            zip_code = str(64101 + len(homes) // HOMES_OF_ZIP)
            *name, kind = self.dice.choice(streets).split()
            level, began = self.dice.lognormvariate(12.6, 0.35), self.dice.randrange(1925, 2018)
            if self.dice.random() < 0.25:
                name = [self.dice.choice(("n", "s", "e", "w", "ne", "nw")), *name]
            flats = self.dice.random() < FLATS * 2
            for number in sorted(self.dice.sample(range(101, 9900), 3 if flats else 11)):
                for unit in self._units() if flats else [""]:
                    homes.append(self._home(str(number), " ".join(name), kind, unit, zip_code, (level, began)))
        self.dice.shuffle(homes)
        for place, home in enumerate(homes):
            home.property_id = f"R-{place:06d}"
        return homes

    def _units(self) -> list[str]:
        floors = self.dice.randrange(1, 3)
        return [f"{floor}{letter}" for floor in range(1, floors + 1) for letter in "ABCD"[: self.dice.randrange(2, 5)]]

    def _home(self, number: str, street: str, kind: str, unit: str, zip_code: str, about: tuple[float, int]) -> Home:
        value = int(about[0] * self.dice.uniform(0.7, 1.4) * (0.5 if unit else 1)) // 100 * 100
        area = int(self.dice.lognormvariate(6.7 if unit else 7.45, 0.3))
        year = min(2023, about[1] + self.dice.choice((0, 0, 1, 2, 4, 9, 20)))
        return Home(number, street, kind, unit, zip_code, value, year, area)

    def _settle(self, wanted: int) -> list[Household]:
        families, households = sorted(self._families), []
        empty = self.homes[wanted:]
        for place, home in enumerate(self.homes[:wanted]):
            household = Household(f"F{place:06d}", [home], self._members(self._families[self.dice.choice(families)]))
            if self.dice.random() < 0.15:
                household.landline = self.phone()
            if self.dice.random() < 0.2:
                household.tablet = self.cookie()
            if empty and self.dice.random() < MOVES:
                household.homes.append(empty.pop())
                household.moved = STORM + timedelta(days=self.dice.uniform(-30, DAYS))
            households.append(household)
        return households

    def _members(self, family: list[tuple[str, str, int, str]]) -> list[Person]:
        renamed: dict[str, str] = {}
        members = []
        for _, surname, born, sex in sorted(family, key=lambda row: (row[2], row)):
            if surname not in renamed:
                renamed[surname] = self.dice.choice(self._surnames)
            if born <= 2007 or not members:
                members.append(self._person(self.dice.choice(self._given[sex]), renamed[surname], born))
        return members[:4]

    def _person(self, given: str, surname: str, born: int) -> Person:
        self._people += 1
        person = Person(f"N{self._people:07d}", given, surname, born)
        if self.dice.random() < 0.94:
            person.mobile = self.phone()
        if self.dice.random() < 0.88:
            person.email = self._email(person)
        return person

    def _email(self, person: Person) -> str:
        given, surname = (part.lower().replace(" ", "").replace("'", "") for part in (person.given, person.surname))
        odd = f"{self.dice.choice(WORDS)}{self.dice.choice(WORDS)}"
        shapes = (f"{given}.{surname}", f"{given[0]}{surname}", f"{surname}{given[0]}", f"{given}{person.born}", odd)
        local = self.dice.choice((*shapes, odd))
        while (email := f"{local}@{self.dice.choice(PROVIDERS)}") in self._taken:
            local += str(self.dice.randrange(10))
        self._taken.add(email)
        return email
