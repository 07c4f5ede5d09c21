"""What a company's systems hold of a town after a storm: contacts, touches of five channels, claims; and the truth."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from hands import USUAL, Hand, Pen
from town import DAYS, STORM, Home, Household, Person, Town

EVENT = "KC_HAIL_25"
CHANNELS = ("visit", "call", "email", "sms", "knock")
JUNK = ("0000000000", "9999999999", "1234567890")
NAMELESS = ("WIRELESS CALLER", "KANSAS CITY MO", "UNKNOWN", "")
DESK = "8165501200"  # the company's own number, typed where a customer's was not at hand
Row = dict[str, Any]


@dataclass(frozen=True)
class Habits:
    """How well a company keeps its contacts, and how its customers reach it: shares."""

    first_contact: float = 0.76  # of households: their first grown-up is a contact
    contact_email: float = 0.62
    contact_again: float = 0.05
    junk: float = 0.0  # of the numbers made up for a missing one: surely junk, not perhaps the company's own
    claim_contact: float = 0.5
    helper_texts: float = 0.12  # of the texts: to somebody of the household other than who handles the house
    new_device: float = 0.3
    form: float = 0.2
    channels: tuple[int, ...] = (30, 15, 20, 10, 25)  # how often each of CHANNELS
    hand: Hand = USUAL


# Another company: contacts in better order, visitors that come back by the same device. A third writes addresses in
# more haste, but knows its flats. Set by what exact identifiers with union-find find, over all and by feed (world.py).
_TIDY = Habits(
    first_contact=0.86,
    contact_email=0.53,
    contact_again=0.2,
    junk=0.3,
    claim_contact=0.65,
    helper_texts=0.9,
    new_device=0.15,
    form=0.15,
    channels=(22, 15, 16, 10, 37),
)
_HASTE = Hand(
    number=0.015, struck=0.02, street=0.07, street_again=0.2, cut=0.01, no_kind=0.04, wrong_kind=0.02,
    no_unit=0.02, no_zip=0.04, wrong_zip=0.01,
)  # fmt: skip
HABITS = {
    "loose": Habits(),
    "tidy": _TIDY,
    "hasty": replace(_TIDY, first_contact=0.83, contact_email=0.5, new_device=0.17, hand=_HASTE),
}


class Company:
    """What a company's systems hold of a town after a storm."""

    def __init__(self, town: Town, noise: float, habits: Habits) -> None:
        self.habits = habits
        self.town, self.dice, self.pen = town, town.dice, Pen(town.dice, noise, habits.hand)
        self.rows: dict[str, list[Row]] = defaultdict(list)
        self.truth: dict[tuple[str, str], tuple[str, str]] = {}
        self.told: dict[str, list[Row]] = {}  # cookie → what its visitor said of the home
        self.reps = [town.phone() for _ in range(max(3, len(town.households) // 300))]

    def write(self) -> None:
        for household in self.town.households:
            contacts = self._contacts(household)
            if self.chance(0.85):
                self._journey(household, contacts)
        for _ in range(len(self.town.households) // 40):
            self._call("", self.town.phone(), self._time(), "", None)

    def chance(self, often: float) -> bool:
        return self.dice.random() < often

    def _time(self) -> datetime:
        return STORM + timedelta(seconds=self.dice.randrange(DAYS * 86_400))

    def _add(self, feed: str, id_column: str, row: Row, household: str, person: str = "") -> str:
        """A row under an id of its own, and who is behind it."""
        row_id = f"{feed[:2]}-{len(self.rows[feed]) + 5000}"
        self.rows[feed].append({id_column: row_id} | row)
        self.truth[feed, row_id] = (household, person)
        return row_id

    def _contacts(self, household: Household) -> list[str]:
        ids = []
        for place, person in enumerate(household.people):
            if self.chance(self.habits.first_contact if place == 0 else 0.22):
                ids.append(self._contact(household, person))
                if self.chance(self.habits.contact_again):
                    ids.append(self._contact(household, person))
        return ids

    def _contact(self, household: Household, person: Person) -> str:
        at = STORM + timedelta(days=self.dice.uniform(-400, DAYS))
        row: Row = {"first_name": self.pen.given(person), "last_name": self.pen.surname(person)}
        number = household.landline if household.landline and self.chance(0.55) else person.mobile
        if number and self.chance(0.86):
            row[self.dice.choice(("phone", "mobile_phone"))] = self.pen.phone(number)
        elif self.pen.slips(0.2):
            row["phone"] = self.dice.choice(JUNK if self.chance(self.habits.junk) else (*JUNK, DESK, *self.reps))
        if person.email and self.chance(self.habits.contact_email):
            row["email"] = self.pen.email(person.email)
        elif self.pen.slips(0.04):
            row["email"] = self.dice.choice(("none@none.com", "noemail@gmail.com"))
        if self.chance(0.93):
            row["address"], row["zip_code"] = self.pen.address(household.home(at))
            row["city"], row["state"] = "Kansas City", "MO"
        row["created_at"] = row["updated_at"] = at.isoformat()
        return self._add("crm_contacts", "contact_id", row, household.household_id, person.person_id)

    def _journey(self, household: Household, contacts: list[str]) -> None:
        at, patience = self._time(), self.dice.uniform(0.1, 0.5)
        while at < STORM + timedelta(days=DAYS):
            channel = self.dice.choices(CHANNELS, self.habits.channels)[0]
            helper = self.habits.helper_texts if channel == "sms" else 0.12
            person = self.dice.choice(household.people) if self.chance(helper) else household.people[0]
            self._touch(household, person, channel, at)
            if self.chance(0.045):
                return self._conversion(household, person, contacts, at)
            if self.chance(patience):
                return None
            at += timedelta(days=self.dice.expovariate(1 / 4))
        return None

    def _touch(self, household: Household, person: Person, channel: str, at: datetime) -> None:
        if channel == "visit":
            self._visit(household, person, at)
        elif channel == "call" and (person.mobile or household.landline):
            number = household.landline if household.landline and self.chance(0.35) else person.mobile
            name = self._caller(person) if self.chance(0.55) else self.dice.choice(NAMELESS)
            self._call(household.household_id, number or household.landline, at, name, person)
        elif channel == "sms" and person.mobile:
            row = {"phone": "+1" + person.mobile, "direction": "out", "occurred_at": at.isoformat()}
            self._add("sms", "message_id", row | self._said(), household.household_id, person.person_id)
        elif channel == "email" and person.email:
            self._email(household, person, at)
        else:
            self._knock(household, person, at)

    def _said(self) -> Row:
        return {
            "event_id": EVENT if self.chance(0.7) else "",
            "play_id": self.dice.choice(("Hail_Check", "Roof_Loan", "")),
        }

    def _caller(self, person: Person) -> str:
        name = self.dice.choice(
            (f"{person.surname} {person.given}", f"{person.given} {person.surname}", person.surname)
        )
        return name.upper()[:15]

    def _call(self, household: str, number: str, at: datetime, name: str, person: Person | None) -> None:
        row = {"started_at": at.isoformat(), "caller_number": "+1" + number, "caller_name": name, "duration_s": 90}
        self._add("calls", "call_id", row | self._said(), household, person.person_id if person else "")

    def _email(self, household: Household, person: Person, at: datetime) -> None:
        clicked = self.chance(0.3)
        row = {"recipient": person.email, "event_type": "click" if clicked else "open", "occurred_at": at.isoformat()}
        message = self._add("emails", "message_id", row | self._said(), household.household_id, person.person_id)
        if clicked and self.chance(0.6):
            self._visit(household, person, at + timedelta(minutes=2), message)

    def _knock(self, household: Household, person: Person, at: datetime) -> None:
        line, zip_code = self.pen.address(household.home(at), 1.6, by_hand=True)
        row = {
            "knocked_at": at.isoformat(),
            "address": line,
            "city": "Kansas City",
            "state": "MO",
            "zip_code": zip_code,
        }
        named = self.chance(0.3)
        if named:
            surname = self.pen.scanned(person.surname) if self.pen.slips(0.06) else person.surname
            row["resident_name"] = surname if self.chance(0.3) else f"{self.pen.given(person)} {surname}"
        if person.mobile and self.chance(0.2):
            row["phone"] = self.pen.phone(person.mobile)
        who = person.person_id if named or "phone" in row else ""
        self._add("door_knocks", "knock_id", row | self._said(), household.household_id, who)

    def _conversion(self, household: Household, person: Person, contacts: list[str], at: datetime) -> None:
        at += timedelta(days=self.dice.uniform(0.2, 6))
        row: Row = {"kind": "claim", "occurred_at": at.isoformat(), "event_id": EVENT, "value": 9000}
        if contacts and self.chance(self.habits.claim_contact):
            row["contact_id"] = contacts[0]
        if person.mobile and self.chance(0.55):
            row["phone"] = self.pen.phone(person.mobile)
        if person.email and self.chance(0.4):
            row["email"] = self.pen.email(person.email)
        if self.chance(0.75) or len(row) == 4:
            row["address"], row["zip_code"] = self.pen.address(household.home(at))
        self._add("conversions", "conversion_id", row, household.household_id, person.person_id)

    def _visit(self, household: Household, person: Person, at: datetime, message: str = "") -> None:
        owner = person.person_id
        if household.tablet and self.chance(0.25):
            cookie, owner = household.tablet, ""
        else:
            if not person.devices or self.chance(self.habits.new_device):
                person.devices.append(self.town.cookie())
            cookie = self.dice.choice(person.devices)
        if cookie not in self.told:
            self.told[cookie] = self._features(household.home(at))
        page = "https://kcroof.example/" + (f"?utm_medium=email&mid={message}" if message else "")
        params = [_text("page_location", page), *self.told[cookie]]
        if self.chance(self.habits.form):
            params += self._form(household, person, at)
        self.rows["ga4_events"].append(
            {
                "event_date": at.strftime("%Y%m%d"),
                "event_timestamp": int(at.timestamp() * 1e6),
                "event_name": "page_view",
                "user_pseudo_id": cookie,
                "event_params": params,
            }
        )
        self.truth["ga4", cookie] = (household.household_id, owner)

    def _features(self, home: Home) -> list[Row]:
        said = [_text("zip_code", home.zip_code)] if self.chance(0.88) else []
        if not self.chance(0.55):
            return said
        if self.chance(0.9):
            off = self.dice.choice((-1, 1)) if self.chance(0.12) else 0
            said.append(_text("home_value_band", f"{max(0, home.value // 50_000 + off) * 50}k"))
        if self.chance(0.85):
            said.append(_whole("year_built", home.year + (self.dice.randrange(-3, 4) if self.chance(0.12) else 0)))
        if self.chance(0.75):
            guess = 100 * round(home.area * self.dice.uniform(0.95, 1.05) / 100)
            said.append(_whole("square_footage", home.area if self.chance(0.6) else guess))
        return said

    def _form(self, household: Household, person: Person, at: datetime) -> list[Row]:
        said = []
        if person.email and self.chance(0.6):
            said.append(_text("email_sha256", sha256(self.pen.email(person.email).encode()).hexdigest()))
        if person.mobile and self.chance(0.5):
            said.append(_text("phone_sha256", sha256(f"+1{person.mobile}".encode()).hexdigest()))
        if self.chance(0.3):
            line, zip_code = self.pen.address(household.home(at), 1.5)
            said.append(_text("address", f"{line}, Kansas City MO {zip_code}".strip()))
        return said


def _text(key: str, value: str) -> Row:
    return {"key": key, "value": {"string_value": value}}


def _whole(key: str, value: int) -> Row:
    return {"key": key, "value": {"int_value": value}}
