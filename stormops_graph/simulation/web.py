"""Web visits in the GA4 BigQuery export: sessions of cookies, most of them anonymous.

Invariant: what an anonymous cookie says (ZIP, features of the home) was typed by a visitor, so it may be
missing, rounded or a little wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from stormops_graph.simulation.campaign import Touch
from stormops_graph.simulation.dice import Wheel
from stormops_graph.simulation.exports import Row, World
from stormops_graph.simulation.mess import VISITOR, written_address
from stormops_graph.simulation.people import Household, Registry, cookie
from stormops_graph.simulation.storms import FIRST_STORM, TEXAS, WORLD_END
from stormops_graph.simulation.town import Home

SITE = "https://www.stormroof.example"
ESTIMATE_SHARE = 0.58
FORM_SHARE = 0.22
SAME_DEVICE_SHARE = 0.62
ELSEWHERE_SHARE = 0.015
DEVICES = Wheel(("mobile", "desktop", "tablet"), (62, 32, 6))
SOURCES = Wheel(("google", "(direct)", "facebook", "bing", "nextdoor"), (48, 30, 12, 5, 5))
Param = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Visitor:
    """What a cookie's visitor tells the site about the home."""

    params: tuple[Param, ...]
    device: str
    source: str


def text(key: str, value: str) -> Param:
    """A string parameter."""
    return {"key": key, "value": {"string_value": value}}


def whole(key: str, value: int) -> Param:
    """A whole-number parameter."""
    return {"key": key, "value": {"int_value": value}}


def digest(value: str) -> str:
    """SHA-256 in hex."""
    return sha256(value.encode()).hexdigest()


class Site:
    """Writes web events into a world."""

    def __init__(self, registry: Registry, world: World, homes: list[Home]) -> None:
        self.dice, self.lexicon = registry.dice, registry.lexicon
        self.world, self.homes = world, homes
        self._visitors: dict[tuple[str, str], Visitor] = {}

    def visit(self, household: Household, touch: Touch) -> str:
        """One session of somebody of the household; the cookie."""
        dice, person = self.dice, touch.person
        if household.tablet and dice.chance(0.3):
            client, owner = household.tablet, ""
        else:
            owner = person.person_id
            if not person.cookies or not dice.chance(SAME_DEVICE_SHARE):
                person.cookies.append(cookie(dice))
            client = dice.pick(person.cookies)
        self.world.stands_behind("ga4", client, household.household_id, owner)
        # Some look for a relative's roof on a device of their own.
        home = dice.pick(self.homes) if dice.chance(ELSEWHERE_SHARE) else touch.home
        visitor = self._visitor(client, home)
        self._session(client, touch, visitor)
        return client

    def _visitor(self, client: str, home: Home) -> Visitor:
        key = (client, home.property_id)
        if key not in self._visitors:
            dice = self.dice
            params = self._features(home)
            self._visitors[key] = Visitor(params, DEVICES.spin(dice), SOURCES.spin(dice))
        return self._visitors[key]

    def _features(self, home: Home) -> tuple[Param, ...]:
        dice, features, params = self.dice, home.features, []
        if dice.chance(0.9):
            zip_code = home.zip_code if dice.chance(0.97) else f"{75201 + dice.below(60)}"
            params.append(text("zip_code", zip_code) if dice.chance(0.85) else whole("zip_code", int(zip_code)))
        if not dice.chance(ESTIMATE_SHARE):
            return tuple(params)
        if dice.chance(0.88):
            band = features.value // 50_000 + (dice.pick((-1, 1)) if dice.chance(0.1) else 0)
            params.append(text("home_value_band", f"{max(0, band) * 50}k"))
        if dice.chance(0.85):
            wrong = dice.pick((-2, -1, 1, 2)) if dice.chance(0.12) else 0
            params.append(whole("year_built", features.year_built + wrong))
        if dice.chance(0.75):
            params.append(whole("square_footage", self._footage(features.square_footage)))
        return tuple(params)

    def _footage(self, exact: int) -> int:
        luck = self.dice.uniform()
        if luck < 0.55:
            return exact
        return round(exact, -1) if luck < 0.7 else 50 * round(exact * self.dice.between(0.97, 1.03) / 50)

    def _session(self, client: str, touch: Touch, visitor: Visitor) -> None:
        dice = self.dice
        page = SITE + dice.pick(("/", "/hail-damage", "/roof-check", "/reviews", "/financing"))
        if touch.mail:
            page += f"?utm_medium=email&mid={touch.mail.record_id}"
            self.world.named_cookies.add(client)
        shared = list(visitor.params)
        if dice.chance(0.3):
            shared.append(text("event_id", touch.event_id))
        if touch.play_id and dice.chance(0.6):
            shared.append(text("playbook_id", touch.play_id))
        self._event(client, touch.at, "page_view", [text("page_location", page), *shared], visitor)
        if dice.chance(0.12):
            self._event(client, touch.at + 5 + dice.below(90), "scroll", shared[:1], visitor)
        if dice.chance(FORM_SHARE):
            form = [text("page_location", SITE + "/contact"), *shared, *self._form(touch)]
            self._event(client, touch.at + 100 + dice.below(600), "generate_lead", form, visitor)
            if len(form) > 1 + len(shared):
                self.world.named_cookies.add(client)

    def _form(self, touch: Touch) -> list[Param]:
        """A form's identifiers: hashes of email or phone, or an address."""
        dice, person, params = self.dice, touch.person, []
        if person.emails and dice.chance(0.6):
            params.append(text("email_sha256", digest(person.emails[0])))
        mobile = person.mobile(touch.at)
        if mobile and dice.chance(0.35):
            params.append(text("phone_sha256", digest(f"+1{mobile}")))
        if dice.chance(0.3):
            written = written_address(dice, self.lexicon, touch.home, VISITOR)
            line = ", ".join(part for part in (written.address, written.city, written.zip_code) if part)
            params.append(text("address", line if dice.chance(0.5) else written.address))
        return params

    def _event(self, client: str, at: int, name: str, params: list[Param], visitor: Visitor) -> None:
        session = [*params, whole("ga_session_id", at // 1800)]
        self.world.add("ga4_events", web_event(client, at, self.dice.below(1_000_000), name, session))
        row = self.world.rows["ga4_events"][-1]
        row["geo"] = {"country": "United States", "region": "Texas", "city": "Dallas"}
        row["device"] = {"category": visitor.device}
        row["traffic_source"] = {"source": visitor.source}

    def strangers(self, count: int) -> None:
        """Cookies of nobody's home: robots and people from elsewhere."""
        dice = self.dice
        for _ in range(count):
            client = cookie(dice)
            self.world.stands_behind("ga4", client, "", "")
            at = int(dice.between(FIRST_STORM, WORLD_END))
            params = [text("page_location", SITE + "/")]
            if dice.chance(0.4):
                params.append(text("zip_code", f"{75201 + dice.below(99)}"))
            self._event(client, at, "page_view", params, Visitor((), "desktop", "(direct)"))


def web_event(client: str, at: int, micros: int, name: str, params: list[Param]) -> Row:
    """One line of the export; `event_date` is the Texan day."""
    return {
        "event_date": datetime.fromtimestamp(at, UTC).astimezone(TEXAS).strftime("%Y%m%d"),
        "event_timestamp": at * 1_000_000 + micros,
        "event_name": name,
        "user_pseudo_id": client,
        "user_id": None,
        "event_params": params,
    }
