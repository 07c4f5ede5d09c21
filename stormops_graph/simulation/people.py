"""Who lives where, when, and what they can be reached by.

Invariant: a household is the group living together; it keeps its id when it moves, and the home it leaves
gets another one. A phone number is one person's at a time, but for landlines, office lines and front desks.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from stormops_graph.simulation.dice import Dice, Wheel
from stormops_graph.simulation.lexicon import Lexicon
from stormops_graph.simulation.storms import DAY, FIRST_STORM, SECOND_STORM, WORLD_END, WORLD_START
from stormops_graph.simulation.town import Home

MOVER_SHARE = 0.03
REASSIGNED_SHARE = 0.015
LANDLINE_SHARE = 0.24
FAMILY_EMAIL_SHARE = 0.07
OFFICE_SHARE = 0.03
MANAGED_SHARE = 0.45
AREA_CODES = ("214", "972", "469", "214", "972", "682", "817", "945", "903", "512")
MAIL_DOMAINS = Wheel(
    ("gmail.com", "yahoo.com", "hotmail.com", "outlook.com", "icloud.com", "aol.com", "att.net", "live.com"),
    (52, 16, 8, 6, 8, 5, 3, 2),
)
UNACCENTED = str.maketrans("éíú", "eiu")
FANCIES = ("texan", "cowboysfan", "mavs", "dallas", "lonestar", "bluesky", "sunny", "rooftop")
SHAPES = Wheel(
    ("single", "couple", "family", "two_surnames", "lone_parent", "namesakes", "grandparent", "roommates"),
    (26, 28, 19, 9, 8, 2, 4, 4),
)


@dataclass(slots=True)
class Number:
    """A phone number and when it was held; times in seconds."""

    digits: str
    start: int = WORLD_START
    end: int = WORLD_END


@dataclass(slots=True)
class Person:
    """Somebody of a household; the first phone and email are the usual ones."""

    person_id: str
    given: str
    surname: str
    grown: bool
    mobiles: list[Number] = field(default_factory=list)
    emails: list[str] = field(default_factory=list)
    cookies: list[str] = field(default_factory=list)
    office: str = ""
    suffix: str = ""

    def mobile(self, at: int) -> str:
        """The mobile number then, empty where there was none."""
        return next((number.digits for number in self.mobiles if number.start <= at < number.end), "")


@dataclass(frozen=True, slots=True)
class Stay:
    """A home lived in from `start` until before `end`."""

    home: Home
    start: int
    end: int


@dataclass(slots=True)
class Household:
    """People living together; the landline stays with the first home, `manager` answers for the last."""

    household_id: str
    stays: list[Stay]
    people: list[Person]
    landline: str = ""
    family_email: str = ""
    manager: str = ""
    tablet: str = ""

    @property
    def grown(self) -> list[Person]:
        """Its adults, the one who handles the house first."""
        return [person for person in self.people if person.grown]

    def home(self, at: int) -> Home | None:
        """Where it lived then, None before it came to town."""
        return next((stay.home for stay in self.stays if stay.start <= at < stay.end), None)

    def wire(self, at: int) -> str:
        """The landline then."""
        return self.landline if at < self.stays[0].end else ""


class Registry:
    """Hands out people, numbers and addresses that nobody else has."""

    def __init__(self, dice: Dice, lexicon: Lexicon) -> None:
        self.dice, self.lexicon = dice, lexicon
        self._phones: set[str] = set()
        self._mailboxes: set[str] = set()
        self._people = 0

    def phone(self) -> str:
        """Ten digits of a number that exists."""
        while True:
            exchange = f"{2 + self.dice.below(8)}{self.dice.digits(2)}"
            digits = self.dice.pick(AREA_CODES) + exchange + self.dice.digits(4)
            if exchange[1:] != "11" and exchange != "555" and digits not in self._phones:
                self._phones.add(digits)
                return digits

    def email(self, given: str, surname: str) -> str:
        """An address made of the name, or of something else."""
        while True:
            local = self._local(given.lower(), _letters(surname))
            domain = MAIL_DOMAINS.spin(self.dice)
            mailbox = f"{local.replace('.', '')}@{domain}"  # to Gmail dots are nothing: two people cannot have both
            if mailbox not in self._mailboxes:
                self._mailboxes.add(mailbox)
                return f"{local}@{domain}"

    def _local(self, given: str, surname: str) -> str:
        dice, number = self.dice, str(self.dice.below(99) + 1)
        short = _letters(self.lexicon.nickname(dice, given.title()))
        given = _letters(given)
        forms = (
            f"{given}.{surname}",
            f"{given}{surname}",
            f"{given}.{surname}{number}",
            f"{given[0]}{surname}{number}",
            f"{surname}.{given}",
            f"{short}{surname}{number}",
            f"{short}_{surname[0]}{number}{dice.below(10)}",
            f"{given}{1950 + dice.below(56)}{dice.below(10)}",
            f"{dice.pick(FANCIES)}{number}{dice.digits(2)}",
        )
        return forms[min(len(forms) - 1, int(dice.waiting(2.6)))]

    def person(self, surname: str, *, grown: bool = True, sex: str = "", given: str = "") -> Person:
        """A person with a mobile and mostly an email; children have less."""
        dice = self.dice
        self._people += 1
        sex = sex or dice.pick(("female", "male"))
        given = given or self.lexicon.given(dice, sex)
        person = Person(f"P{self._people:07d}", given, surname, grown)
        if dice.chance(0.95 if grown else 0.5):
            person.mobiles.append(Number(self.phone()))
        if dice.chance(0.92 if grown else 0.3):
            person.emails.append(self.email(given, surname))
            if dice.chance(0.18):
                person.emails.append(self.email(given, surname))
        return person

    def people(self, shape: str) -> list[Person]:
        """The people of one household; the first two are its heads."""
        dice, surname = self.dice, self.lexicon.surname(self.dice)
        if shape == "namesakes":
            return self._namesakes(surname)
        if shape == "roommates":
            return [self.person(self.lexicon.surname(dice)) for _ in range(2 + dice.below(2))]
        sex = dice.pick(("female", "male"))
        people = [self.person(surname, sex=sex)]
        if shape in ("couple", "family", "two_surnames"):
            other = self.lexicon.surname(dice) if shape == "two_surnames" else surname
            partner = ("male" if sex == "female" else "female") if dice.chance(0.94) else sex
            people.append(self.person(other, sex=partner))
        if shape in ("family", "lone_parent", "two_surnames"):
            children = dice.below(2) if shape == "two_surnames" else 1 + dice.below(3)
            people += [self.person(surname, grown=dice.chance(0.2)) for _ in range(children)]
        if shape == "grandparent":
            people.append(self.person(surname, sex="female" if sex == "male" else "male"))
            people.append(self.person(surname if dice.chance(0.4) else self.lexicon.surname(dice)))
        return people

    def _namesakes(self, surname: str) -> list[Person]:
        """Father and son of one name, and the mother."""
        father = self.person(surname, sex="male")
        son = self.person(surname, sex="male", given=father.given)
        father.suffix, son.suffix = "Sr", "Jr"
        return [father, son, self.person(surname, sex="female")]


def settle(registry: Registry, homes: list[Home]) -> list[Household]:
    """As many households as the homes have room for: stayers, movers, those who follow them, group quarters.

    A mover goes to a home that stood empty.
    """
    dice = registry.dice
    single = [home for home in homes if home.capacity == 1]
    movers = round(len(single) * MOVER_SHARE)
    places = dice.shuffled(single)
    settled: list[Household] = []
    for left, empty in zip(places[:movers], places[movers : 2 * movers], strict=True):
        leaving = int(FIRST_STORM + dice.between(-40, 55) * DAY)
        stays = [Stay(left, WORLD_START, leaving), Stay(empty, leaving, WORLD_END)]
        settled.append(_household(registry, stays))
        arriving = leaving + int(dice.between(2, 20) * DAY)
        settled.append(_household(registry, [Stay(left, arriving, WORLD_END)]))
    settled += [_household(registry, [Stay(home, WORLD_START, WORLD_END)]) for home in places[2 * movers :]]
    for home in homes:
        if home.capacity > 1:
            settled += [_resident(registry, home) for _ in range(home.capacity)]
    settled = dice.shuffled(settled)
    for place, household in enumerate(settled):
        household.household_id = f"H{place + 1:07d}"
    return settled


def _household(registry: Registry, stays: list[Stay]) -> Household:
    dice = registry.dice
    household = Household("", stays, registry.people(SHAPES.spin(dice)))
    if not stays[0].home.unit and dice.chance(LANDLINE_SHARE):
        household.landline = registry.phone()
    if len(household.grown) > 1 and dice.chance(FAMILY_EMAIL_SHARE):
        surname = _letters(household.people[0].surname)
        household.family_email = registry.email("the", surname + "s")
        for person in household.grown[:2]:
            person.emails = [household.family_email, *person.emails[:1]]
    if len(household.people) > 1 and dice.chance(0.12):
        household.tablet = cookie(dice)
    return household


def _resident(registry: Registry, home: Home) -> Household:
    """Somebody in group quarters, a household of one."""
    person = registry.person(registry.lexicon.surname(registry.dice))
    return Household("", [Stay(home, WORLD_START, WORLD_END)], [person])


def share_phones(registry: Registry, households: list[Household]) -> dict[str, str]:
    """Give out office lines, managers' phones, front desks and reassigned numbers; number → why it is shared."""
    dice = registry.dice
    shared: dict[str, str] = {}
    offices = [registry.phone() for _ in range(max(1, len(households) // 250))]
    managers = [registry.phone() for _ in range(max(1, len(households) // 300))]
    desks: dict[str, str] = {}
    for household in households:
        for person in household.grown:
            if dice.chance(OFFICE_SHARE):
                person.office = dice.pick(offices)
                shared[person.office] = "office"
        home = household.stays[-1].home
        if home.building and home.building not in desks:
            desks[home.building] = dice.pick(managers) if dice.chance(MANAGED_SHARE) else ""
        elif home.capacity > 1 and home.property_id not in desks:
            desks[home.property_id] = registry.phone()
            shared[desks[home.property_id]] = "front desk"
        household.manager = desks.get(home.building or home.property_id, "")
        if home.building and household.manager:
            shared[household.manager] = "manager"
    shared.update(_reassign(registry, households))
    return shared


def _reassign(registry: Registry, households: list[Household]) -> dict[str, str]:
    """Pass numbers on: one gives a number up before or between the storms, a stranger gets it later."""
    dice = registry.dice
    holders = [h.people[0] for h in households if h.people[0].mobiles]
    chosen = dice.shuffled(holders)[: 2 * round(len(holders) * REASSIGNED_SHARE)]
    passed: dict[str, str] = {}
    for giver, taker in zip(chosen[::2], chosen[1::2], strict=False):
        last = FIRST_STORM if dice.chance(0.7) else SECOND_STORM
        given_up = int(last - dice.between(60, 300 if last == FIRST_STORM else 75) * DAY)
        taken = given_up + int(dice.between(30, 50) * DAY)
        old, own = giver.mobiles[0].digits, taker.mobiles[0].digits
        giver.mobiles = [Number(old, end=given_up), Number(registry.phone(), start=given_up)]
        taker.mobiles = [Number(own, end=taken), Number(old, start=taken)]
        passed[old] = "reassigned"
    return passed


def cookie(dice: Dice) -> str:
    """A GA4 client id: a random number and the second of the first visit."""
    return f"{100_000_000 + dice.below(1_900_000_000)}.{FIRST_STORM - dice.below(90 * DAY)}"


def _letters(name: str) -> str:
    plain = name.lower().translate(UNACCENTED)
    return "".join(letter for letter in plain if letter.isalpha())
