"""The journeys that the original pipeline made up for a list of leads, as feeds.

Each lead starts on the web; its persona says what follows, its score whether a call and a conversion end it.
Invariant: hard identifiers alone (contact, email hash, phone, address) put the traces of a lead together.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from stormops_graph.errors import ColumnMissing, FeedMissing, InputError
from stormops_graph.simulation.dice import Dice
from stormops_graph.simulation.exports import TRUTH_TABLES, Row, SimulationReport, World, write_world
from stormops_graph.simulation.lexicon import Lexicon
from stormops_graph.simulation.people import Registry, cookie
from stormops_graph.simulation.storms import DAY, FIRST_EVENT, FIRST_STORM, by_day, plain, texan, utc
from stormops_graph.simulation.web import SITE, digest, text, web_event

NEEDED = ("property_id", "address", "primary_persona", "sii_score")
CLAIM_SHARE_OF_VALUE = 0.05


@dataclass(frozen=True, slots=True)
class Template:
    """Channels after the web visit, and the score from which a call and a conversion follow."""

    channels: tuple[str, ...]
    converts_from: float


TEMPLATES = {
    "Deal_Hunter": Template(("email", "door_knock"), 100),
    "Proof_Seeker": Template(("door_knock", "email"), 90),
    "Family_Protector": Template(("door_knock", "sms"), 95),
    "Status_Conscious": Template(("door_knock",), 100),
}


def simulate_leads(folder: Path, leads: Path, seed: int = 0) -> SimulationReport:
    """Write the template journeys of a properties file as feeds; the same file and seed give the same bytes.

    Raises FeedMissing, ColumnMissing or InputError where the file is absent or lacks a column or a score.
    """
    columns, rows = _read(leads)
    dice = Dice(seed)
    world = World(truth={name: [] for name in TRUTH_TABLES})
    world.columns["properties"] = columns
    writer = _LeadWriter(Registry(dice, Lexicon()), world)
    for place, row in enumerate(rows):
        writer.write(place, row)
    world.add(
        "storms",
        {
            "event_id": FIRST_EVENT,
            "name": "May derecho",
            "started_at": utc(FIRST_STORM),
            "ended_at": utc(FIRST_STORM + 75 * DAY),
        },
    )
    return write_world(world, folder, len(rows), seed)


def _read(leads: Path) -> tuple[list[str], list[Row]]:
    if not leads.is_file():
        raise FeedMissing(f"{leads} does not exist", "name a CSV file in the columns of the properties feed")
    try:
        with leads.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            columns, rows = list(reader.fieldnames or ()), list(reader)
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{leads} is not a CSV file in UTF-8", "save it as CSV (UTF-8)") from error
    missing = [column for column in NEEDED if column not in columns]
    if missing:
        raise ColumnMissing(f"{leads} lacks {', '.join(missing)}", f"leads need {', '.join(NEEDED)}")
    if not rows or any(None in row for row in rows):
        raise InputError(f"{leads} has no leads, or rows longer than its header", "check quotes and commas of the file")
    return columns, rows


class _LeadWriter:
    """Writes one lead after the other into a world."""

    def __init__(self, registry: Registry, world: World) -> None:
        self.registry, self.world, self.dice = registry, world, registry.dice

    def write(self, place: int, row: Row) -> None:
        template = TEMPLATES.get(row["primary_persona"])
        if template is None:
            raise InputError(
                f"lead {place + 1} has a persona without a template",
                f"primary_persona is one of {', '.join(TEMPLATES)}",
            )
        trace = self._lead(place, row)
        converts = _score(place, row) >= template.converts_from
        channels = ("ga4", *template.channels, *(("call",) if converts else ()))
        at = by_day(FIRST_STORM + DAY + self.dice.below(5 * DAY))
        for channel in channels:
            trace.touch(channel, at)
            at = by_day(at + DAY + self.dice.below(4 * DAY))
        if converts:
            trace.convert(at)
        trace.close(channels, converts)

    def _lead(self, place: int, row: Row) -> _Trace:
        """Property, contact and truth of a lead."""
        registry, world, number = self.registry, self.world, place + 1
        world.add("properties", row)
        surname = registry.lexicon.surname(self.dice)
        given = registry.lexicon.given(self.dice, self.dice.pick(("female", "male")))
        phone, email = registry.phone(), registry.email(given, surname)
        trace = _Trace(world, self.dice, row, number, phone, email)
        contact = {
            "contact_id": trace.contact_id,
            "first_name": given,
            "last_name": surname,
            "mobile_phone": f"+1{phone}",
            "email": email,
            "created_at": plain(FIRST_STORM - 30 * DAY),
        }
        world.add("crm_contacts", contact | trace.place)
        trace.stands("crm_contacts", trace.contact_id)
        world.truth["persons"].append(
            {
                "person_id": trace.person_id,
                "household_id": trace.household_id,
                "given": given,
                "surname": surname,
            }
        )
        return trace


class _Trace:
    """One lead's identifiers and the rows they leave."""

    def __init__(self, world: World, dice: Dice, row: Row, number: int, phone: str, email: str) -> None:
        self.world, self.dice, self.row, self.number = world, dice, row, number
        self.phone, self.email = f"+1{phone}", email
        self.household_id, self.person_id = f"H{number:07d}", f"P{number:07d}"
        self.contact_id = f"C{100_000 + number}"
        self.said: Row = {"event_id": FIRST_EVENT, "play_id": row.get("recommended_play") or ""}
        self.place: Row = {column: row.get(column) or "" for column in ("address", "city", "state", "zip_code")}

    def stands(self, feed: str, record_id: str) -> None:
        self.world.stands_behind(feed, record_id, self.household_id, self.person_id)

    def touch(self, channel: str, at: int) -> None:
        """One touch, in its feed."""
        write = {
            "ga4": self._visit,
            "email": self._click,
            "door_knock": self._knock,
            "sms": self._text,
            "call": self._call,
        }
        record_id = write[channel](at)
        self.world.truth["touches"].append(
            {
                "household_id": self.household_id,
                "event_id": FIRST_EVENT,
                "at": utc(at),
                "channel": channel,
                "play_id": self.said["play_id"],
                "record_id": record_id,
                "person_id": self.person_id,
            }
        )

    def _visit(self, at: int) -> str:
        client = cookie(self.dice)
        params = [
            text("page_location", SITE + "/contact"),
            text("email_sha256", digest(self.email)),
            text("event_id", FIRST_EVENT),
        ]
        if self.said["play_id"]:
            params.append(text("playbook_id", self.said["play_id"]))
        if self.place["zip_code"].isdigit():
            params.append(text("zip_code", self.place["zip_code"]))
        event = web_event(client, at, 0, "generate_lead", params)
        self.world.add("ga4_events", event)
        self.stands("ga4", client)
        self.world.named_cookies.add(client)
        return client

    def _click(self, at: int) -> str:
        record_id = f"m{self.number:06d}"
        row = {
            "message_id": record_id,
            "recipient": self.email,
            "event_type": "click",
            "occurred_at": utc(at),
        }
        self.world.add("emails", row | self.said)
        self.stands("emails", record_id)
        return record_id

    def _knock(self, at: int) -> str:
        record_id = f"K{self.number:06d}"
        row = {"knock_id": record_id, "knocked_at": texan(at), "outcome": "spoke", "phone": self.phone}
        self.world.add("door_knocks", row | self.place | self.said)
        self.stands("door_knocks", record_id)
        return record_id

    def _text(self, at: int) -> str:
        record_id = f"SM{self.number:06d}"
        row = {"message_id": record_id, "phone": self.phone, "direction": "out", "occurred_at": utc(at)}
        self.world.add("sms", row | self.said)
        self.stands("sms", record_id)
        return record_id

    def _call(self, at: int) -> str:
        record_id = f"CA{self.number:06d}"
        row = {
            "call_id": record_id,
            "started_at": texan(at),
            "caller_number": self.phone,
            "duration_s": 60 + self.dice.below(600),
        }
        self.world.add("calls", row | self.said)
        self.stands("calls", record_id)
        return record_id

    def convert(self, at: int) -> None:
        """A claim filed by the lead."""
        record_id = f"V{self.number:06d}"
        row: Row = {
            "conversion_id": record_id,
            "kind": "claim",
            "occurred_at": plain(at),
            "contact_id": self.contact_id,
            "phone": self.phone,
            "email": self.email,
            "address": self.place["address"],
            "zip_code": self.place["zip_code"],
            "event_id": FIRST_EVENT,
        }
        try:
            row["value"] = round(float(self.row.get("estimated_value") or "") * CLAIM_SHARE_OF_VALUE, 2)
        except ValueError:
            row["value"] = ""
        self.world.add("conversions", row)
        self.stands("conversions", record_id)

    def close(self, channels: tuple[str, ...], converted: bool) -> None:
        """The lead's journey and home in the truth."""
        persona = self.row["primary_persona"]
        self.world.truth["journeys"].append(
            {
                "household_id": self.household_id,
                "event_id": FIRST_EVENT,
                "zip_code": self.place["zip_code"],
                "persona": persona,
                "path": ">".join(channels),
                "converted": int(converted),
            }
        )
        self.world.truth["households"].append(
            {
                "household_id": self.household_id,
                "property_id": self.row["property_id"],
                "from": "",
                "to": "",
                "persona": persona,
            }
        )


def _score(place: int, row: Row) -> float:
    try:
        return float(row["sii_score"])
    except (TypeError, ValueError) as error:
        raise InputError(f"lead {place + 1} has no sii_score that is a number", "correct the leads file") from error
