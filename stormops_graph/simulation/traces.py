"""The rows that touches leave in the feeds: calls, knocks, emails, texts, and the claims at the end."""

from __future__ import annotations

from collections.abc import Callable

from stormops_graph.simulation.campaign import Journey, Touch
from stormops_graph.simulation.dice import Dice, Wheel
from stormops_graph.simulation.exports import Row, World
from stormops_graph.simulation.lexicon import Lexicon
from stormops_graph.simulation.mess import (
    CANVASSER,
    JUNK_CALLERS,
    SALES,
    caller_name,
    resident_name,
    swap_digits,
    written_address,
    written_phone,
)
from stormops_graph.simulation.people import Household, Registry, Stay
from stormops_graph.simulation.storms import (
    DAY,
    FIRST_EVENT,
    FIRST_STORM,
    WORLD_END,
    by_day,
    plain,
    texan,
    utc,
)
from stormops_graph.simulation.town import Home
from stormops_graph.simulation.web import Site

OUTCOMES = Wheel(("not_home", "spoke", "callback", "refused", "inspection_set"), (38, 30, 12, 13, 7))
TRACKING = ("+12145550190", "+19725550191", "+14695550192")


class Tracer:
    """Writes a journey's touches as rows of their feeds, and who is behind them."""

    def __init__(self, registry: Registry, world: World, site: Site) -> None:
        self.dice: Dice = registry.dice
        self.lexicon: Lexicon = registry.lexicon
        self.registry, self.world, self.site = registry, world, site
        self._counts = dict.fromkeys(("call", "knock", "email", "sms", "conversion"), 0)
        self._write: dict[str, Callable[[Household, Touch], str]] = {
            "ga4": site.visit,
            "call": self._call,
            "door_knock": self._knock,
            "email": self._email,
            "sms": self._sms,
        }

    def write(self, journey: Journey, contacts: list[str]) -> None:
        """All rows of a journey and, where there was one, its conversion."""
        for touch in journey.touches:
            touch.record_id = self._write[touch.channel](journey.household, touch)
            self._remember(journey, touch)
        if journey.converted_at is not None:
            self._conversion(journey, journey.converted_at, contacts)
        self.world.truth["journeys"].append(
            {
                "household_id": journey.household.household_id,
                "event_id": journey.storm.event_id,
                "zip_code": journey.zip_code,
                "persona": journey.persona,
                "path": ">".join(touch.channel for touch in journey.touches),
                "converted": int(journey.converted_at is not None),
            }
        )

    def _remember(self, journey: Journey, touch: Touch) -> None:
        self.world.truth["touches"].append(
            {
                "household_id": journey.household.household_id,
                "event_id": touch.event_id,
                "at": utc(touch.at),
                "channel": touch.channel,
                "play_id": touch.play_id,
                "record_id": touch.record_id,
                "person_id": touch.person.person_id,
            }
        )

    def _number(self, kind: str, letter: str) -> str:
        self._counts[kind] += 1
        return f"{letter}{1_000_000 + self._counts[kind]}"

    def _said(self, touch: Touch, event: float) -> Row:
        """Storm and play as the row says them; `event` is how often the storm is noted."""
        return {"event_id": touch.event_id if self.dice.chance(event) else "", "play_id": touch.play_id}

    def _call(self, household: Household, touch: Touch) -> str:
        dice, person = self.dice, touch.person
        number, office, luck = person.mobile(touch.at), False, dice.uniform()
        if (wire := household.wire(touch.at)) and luck < 0.45:
            number = wire
        elif person.office and luck < 0.4:
            number, office = person.office, True
        name = caller_name(dice, household.people[0] if number == wire else person, office)
        call_id = self._number("call", "CA")
        self._call_row(call_id, touch.at, number, name, self._said(touch, 0.75))
        self.world.stands_behind("calls", call_id, household.household_id, person.person_id)
        return call_id

    def _call_row(self, call_id: str, at: int, number: str, name: str, said: Row) -> None:
        dice = self.dice
        row = {
            "call_id": call_id,
            "started_at": texan(at),
            "caller_number": f"+1{number}" if dice.chance(0.9) else number,
            "caller_name": name,
            "tracking_number": dice.pick(TRACKING),
            "duration_s": int(dice.waiting(170)),
        }
        self.world.add("calls", row | said)

    def _knock(self, household: Household, touch: Touch) -> str:
        dice, person = self.dice, touch.person
        outcome = OUTCOMES.spin(dice)
        quiet = outcome == "not_home" and dice.chance(0.8)
        name = "" if quiet else resident_name(dice, self.lexicon, person)
        mobile = person.mobile(touch.at)
        phone = ""
        if mobile and outcome in ("callback", "inspection_set") and dice.chance(0.6):
            phone = written_phone(dice, swap_digits(dice, mobile) if dice.chance(0.015) else mobile)
        said = self._said(touch, 0.85) | {"resident_name": name, "phone": phone, "outcome": outcome}
        knock_id = self._knock_row(touch.home, touch.at, said)
        who = person.person_id if name or phone else ""
        self.world.stands_behind("door_knocks", knock_id, household.household_id, who)
        return knock_id

    def _knock_row(self, home: Home, at: int, said: Row) -> str:
        written = written_address(self.dice, self.lexicon, home, CANVASSER)
        row: Row = {
            "knock_id": self._number("knock", "K"),
            "knocked_at": texan(at),
            "address": written.address,
            "city": written.city,
            "state": written.state,
            "zip_code": written.zip_code,
            "rep_id": f"rep_{1 + (int(home.zip_code) + self.dice.below(4)) % 40:02d}",
        }
        self.world.add("door_knocks", row | said)
        return str(row["knock_id"])

    def _email(self, household: Household, touch: Touch) -> str:
        dice, emails = self.dice, touch.person.emails
        message_id = f"m{self._number('email', '')}{dice.digits(4)}"
        recipient = dice.pick(emails) if dice.chance(0.15) else emails[0]
        written = recipient.title() if dice.chance(0.04) else recipient
        row: Row = {"message_id": message_id, "recipient": written} | self._said(touch, 0.45)
        events = [("click" if touch.clicked else "open", touch.at)]
        if touch.clicked and dice.chance(0.3):
            events.append(("open", touch.at + 3600 + dice.below(100_000)))
        if dice.chance(0.15):
            events.insert(0, ("sent", touch.at - 600 - dice.below(20_000)))
        for kind, at in events:
            self.world.add("emails", row | {"event_type": kind, "occurred_at": utc(at)})
        who = "" if recipient == household.family_email else touch.person.person_id
        self.world.stands_behind("emails", message_id, household.household_id, who)
        return message_id

    def _sms(self, household: Household, touch: Touch) -> str:
        dice, mobile = self.dice, touch.person.mobile(touch.at)
        message_id = self._number("sms", "SM")
        row: Row = {
            "message_id": message_id,
            "phone": f"+1{mobile}" if dice.chance(0.85) else mobile,
            "direction": "in" if dice.chance(0.3) else "out",
            "occurred_at": utc(touch.at),
        }
        self.world.add("sms", row | self._said(touch, 0.4))
        self.world.stands_behind("sms", message_id, household.household_id, touch.person.person_id)
        return message_id

    def _conversion(self, journey: Journey, at: int, contacts: list[str]) -> None:
        dice, household = self.dice, journey.household
        person, home = journey.touches[-1].person, household.home(at) or household.stays[-1].home
        conversion_id = self._number("conversion", "V")
        row: Row = {
            "conversion_id": conversion_id,
            "kind": "claim" if dice.chance(0.6) else "contract",
            "occurred_at": plain(at),
            "value": round(home.features.value * dice.between(0.025, 0.07), 2),
            "event_id": journey.storm.event_id if dice.chance(0.7) else "",
        }
        if contacts and dice.chance(0.55):
            row["contact_id"] = contacts[0]
        if (mobile := person.mobile(at)) and dice.chance(0.5):
            row["phone"] = written_phone(dice, mobile)
        if person.emails and dice.chance(0.35):
            row["email"] = person.emails[0]
        if dice.chance(0.7) or not ({"contact_id", "phone", "email"} & row.keys()):
            written = written_address(dice, self.lexicon, home, SALES)
            row["address"] = written.address
            row["zip_code"] = written.zip_code
        self.world.add("conversions", row)
        self.world.stands_behind("conversions", conversion_id, household.household_id, person.person_id)

    def strangers(self, calls: int, managers: list[str]) -> None:
        """Calls of nobody's home: wrong numbers, salesmen, and property managers."""
        dice = self.dice
        for _ in range(calls):
            number = dice.pick(managers) if managers and dice.chance(0.3) else self.registry.phone()
            at = by_day(int(dice.between(FIRST_STORM, WORLD_END - DAY)))
            call_id = self._number("call", "CA")
            said = {"event_id": FIRST_EVENT if dice.chance(0.1) else "", "play_id": ""}
            self._call_row(call_id, at, number, JUNK_CALLERS.spin(dice), said)
            self.world.stands_behind("calls", call_id, "", "")

    def knock_at_empty(self, stay: Stay) -> None:
        """A knock at a home in the days before anybody lived there."""
        at = by_day(int(stay.start - self.dice.between(2, 12) * DAY))
        if at >= FIRST_STORM:
            knock_id = self._knock_row(stay.home, at, {"outcome": "not_home", "event_id": FIRST_EVENT})
            self.world.stands_behind("door_knocks", knock_id, "", "")
