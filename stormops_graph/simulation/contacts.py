"""The CRM: contacts as sales typed them, with several of one person and one for several."""

from __future__ import annotations

from stormops_graph.simulation.exports import Row, World
from stormops_graph.simulation.mess import (
    COMPANIES,
    JUNK_EMAILS,
    JUNK_PHONES,
    SALES,
    swap_digits,
    written_address,
    written_email,
    written_given,
    written_phone,
    written_surname,
)
from stormops_graph.simulation.people import Household, Person, Registry
from stormops_graph.simulation.storms import DAY, FIRST_STORM, WORLD_END, WORLD_START, plain

KNOWN_SHARE = 0.67
SPOUSE_SHARE = 0.26
AGAIN_SHARE = 0.07
COUPLE_SHARE = 0.02
CHANGED_SHARE = 0.012


class Crm:
    """Writes contacts into a world."""

    def __init__(self, registry: Registry, world: World) -> None:
        self.registry, self.world = registry, world
        self.dice, self.lexicon = registry.dice, registry.lexicon
        self._count = 0

    def write_household(self, household: Household, first_touch: int | None) -> list[str]:
        """Contacts of a household, more likely where a journey began; their ids, in order."""
        dice = self.dice
        known = KNOWN_SHARE + (0.1 if first_touch else -0.25)
        if not dice.chance(known):
            return []
        ids = [self._contact(household, household.grown[0], self._when(household, first_touch))]
        for other in household.grown[1:]:
            if dice.chance(SPOUSE_SHARE):
                ids.append(self._contact(household, other, self._when(household, first_touch)))
        if dice.chance(AGAIN_SHARE):
            person = household.grown[0]
            ids.append(self._contact(household, person, self._when(household, first_touch)))
        if len(household.stays) > 1 and dice.chance(0.45):
            moved = int(household.stays[1].start + dice.between(1, 20) * DAY)
            ids.append(self._contact(household, household.grown[0], moved))
        return ids

    def strangers(self, count: int) -> None:
        """Contacts of nobody's home: suppliers and adjusters."""
        dice = self.dice
        for _ in range(count):
            self._count += 1
            contact_id, at = f"C{100_000 + self._count}", plain(int(dice.between(WORLD_START, FIRST_STORM)))
            row: Row = {
                "contact_id": contact_id,
                "first_name": self.lexicon.given(dice, dice.pick(("female", "male"))),
                "last_name": dice.pick((self.lexicon.surname(dice), *COMPANIES[:3])).title(),
                "phone": written_phone(dice, self.registry.phone()),
                "address": f"{100 + dice.below(2000)} Commerce St Ste {100 + dice.below(900)}",
                "city": "Dallas",
                "state": "TX",
                "zip_code": "75270",
                "created_at": at,
                "updated_at": at,
            }
            self.world.add("crm_contacts", row)
            self.world.stands_behind("crm_contacts", contact_id, "", "")

    def _when(self, household: Household, first_touch: int | None) -> int:
        dice, since = self.dice, household.stays[0].start
        if since > WORLD_START:
            return int(since + dice.between(1, 25) * DAY)
        if first_touch and dice.chance(0.5):
            return int(first_touch + dice.waiting(3) * DAY)
        return int(dice.between(WORLD_START, FIRST_STORM))

    def _contact(self, household: Household, person: Person, at: int) -> str:
        dice = self.dice
        self._count += 1
        contact_id = f"C{100_000 + self._count}"
        row: Row = {
            "contact_id": contact_id,
            "first_name": written_given(dice, self.lexicon, person),
            "last_name": written_surname(dice, self.lexicon, person),
            "email": self._email(person),
            "created_at": plain(at),
            "updated_at": plain(min(WORLD_END, at + int(dice.waiting(40) * DAY)) if dice.chance(0.4) else at),
        }
        self._phones(row, household, person, at)
        self._address(row, household, at)
        if len(household.grown) > 1 and dice.chance(COUPLE_SHARE):
            row["first_name"] = " & ".join(head.given for head in household.grown[:2])
        self._blunder(row)
        self.world.add("crm_contacts", row)
        self.world.stands_behind("crm_contacts", contact_id, household.household_id, person.person_id)
        if dice.chance(CHANGED_SHARE):
            newer = min(WORLD_END, at + int(dice.between(41, 90) * DAY))
            self.world.add("crm_contacts", {**row, "updated_at": plain(newer), "email": self._email(person)})
        return contact_id

    def _email(self, person: Person) -> str:
        dice = self.dice
        if dice.chance(0.03):
            return dice.pick(JUNK_EMAILS)
        if not person.emails or not dice.chance(0.66):
            return ""
        return written_email(dice, dice.pick(person.emails) if dice.chance(0.2) else person.emails[0])

    def _phones(self, row: Row, household: Household, person: Person, at: int) -> None:
        """A number in either column; it may be a spouse's, the office's or the property manager's."""
        dice = self.dice
        mobile, wire = person.mobile(at), household.wire(at)
        luck, extension = dice.uniform(), ""
        if household.manager and luck < 0.35:
            mobile = household.manager
        elif person.office and luck < 0.3:
            mobile = person.office
            extension = dice.pick(("", f" x{10 + dice.below(90)}"))
        elif luck < 0.06:
            mobile = household.grown[-1].mobile(at)
        if mobile and dice.chance(0.82):
            column = "mobile_phone" if dice.chance(0.45) else "phone"
            row[column] = self._typed(mobile) + extension
        if wire and dice.chance(0.6):
            column = "mobile_phone" if row.get("phone") else "phone"
            row[column] = self._typed(wire)
        if dice.chance(0.025):
            row["phone"] = dice.pick(JUNK_PHONES)

    def _typed(self, digits: str) -> str:
        if self.dice.chance(0.015):
            digits = swap_digits(self.dice, digits)
        return written_phone(self.dice, digits)

    def _address(self, row: Row, household: Household, at: int) -> None:
        dice = self.dice
        if dice.chance(0.08):
            return
        if dice.chance(0.007):
            row["address"] = f"PO Box {100 + dice.below(9000)}"
            return
        home = household.home(at) or household.stays[0].home
        written = written_address(dice, self.lexicon, home, SALES)
        row.update(address=written.address, city=written.city, state=written.state, zip_code=written.zip_code)

    def _blunder(self, row: Row) -> None:
        """Names that are none, and a phone typed where it does not belong."""
        luck = self.dice.uniform()
        if luck < 0.006:
            row["first_name"], row["last_name"] = "", self.dice.pick(("Homeowner", "Resident", "Owner"))
        elif luck < 0.012 and row.get("phone") and not row["email"]:
            row["email"] = row.pop("phone")
        elif luck < 0.022:
            row["first_name"], row["last_name"] = row["last_name"], row["first_name"]
        elif luck < 0.034:
            row["first_name"] = ""
