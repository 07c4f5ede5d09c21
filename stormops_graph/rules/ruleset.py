"""The declared matching rules: `matching_rules/*.toml` (channels, identifiers and personas have readers of their own).

Unknown keys are refused with file, line and field.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, model_validator

from stormops_graph.rules.declarations import read_declaration
from stormops_graph.rules.matching import Block, Comparison, Expectation, KindLevels, Level, Matching, check_expectation
from stormops_graph.settings import Section, Share

PERSON, HOUSEHOLD, SESSION, NICKNAMES = "person.toml", "household.toml", "session.toml", "nicknames.toml"

Column = Literal["given", "surname", "phones", "emails", "home"]
BlockColumn = Literal[
    "phones",
    "emails",
    "home",
    "surname",
    "given_root",
    "given_initial",
    "rare_name",
    "zip5",
    "street_name",
    "street_no",
]
FAMILY = ("surname",)  # columns that a family shares
KINDRED = ("given", "surname")  # columns whose values are of one origin
APART = {"given": "suffix"}  # column → what tells two apart who agree in it


class PersonLevel(Level):
    """A level of one of the product's columns; other columns than the compared one are its kinds' business."""

    kind: Literal["exact", "nickname", "initial", "similar", "typo", "overlap", "near", "mailbox", "building"]
    of: list[str] = Field(default_factory=list, max_length=0, exclude=True)


class PersonComparison(Comparison):
    """A comparison of one of the product's columns."""

    column: Column
    level: list[PersonLevel] = Field(min_length=1)


class PersonBlock(Block):
    """A block over the product's columns."""

    on: list[BlockColumn] = Field(min_length=1)


class PersonRules(Section):
    """`person.toml`: which records are compared, and how."""

    version: Literal[1]
    block: list[PersonBlock] = Field(min_length=1)
    comparison: list[PersonComparison] = Field(min_length=1)


Bits = Annotated[float, Field(ge=-40, le=0)]


class KindRules(Section):
    """The expectation that training starts from."""

    pairs: float = Field(gt=0)
    person: Share
    household: Share
    unrelated: Share
    given: KindLevels
    surname: KindLevels
    phones: KindLevels
    emails: KindLevels
    home: KindLevels

    @property
    def expected(self) -> Expectation:
        """The same for any columns."""
        levels = {column: getattr(self, column) for column in get_args(Column)}
        shares = {"person": self.person, "household": self.household, "unrelated": self.unrelated}
        return Expectation(self.pairs, shares, levels)


class ClusterRules(Section):
    """What may join what."""

    household_at_least: Share
    mail_at_least: Share
    person_at_least: Share
    apart_at_least: Share
    mover_at_least: Share
    families: int = Field(ge=1)
    mover_homes: int = Field(ge=1)
    torn_margin: Share

    @property
    def tie_at_least(self) -> float:
        """What a pair must reach to join anybody."""
        return min(self.household_at_least, self.mail_at_least)

    def least(self, pair: float) -> float:
        """What a claim by such a pair must reach where it comes over others: what the pair itself had to."""
        return self.household_at_least if pair >= self.household_at_least else self.mail_at_least


class SharedLimit(Section):
    """How many people may stand behind an identifier before it links nobody."""

    surnames: int = Field(ge=1)
    homes: int = Field(ge=1)


class SharedRules(Section):
    """The limits by kind of identifier."""

    phone: SharedLimit
    email: SharedLimit


class AddressRules(Section):
    """Points in bits for an address against a listed property."""

    place_at_least: Share
    unlisted: Bits
    zip_missing: Bits
    zip_different: Bits
    number_typo: Bits
    direction_missing: Bits
    direction_different: Bits
    name_typo: Bits
    name_similar: Bits
    similar_at_least: Share
    type_missing: Bits
    type_different: Bits
    unit_missing: Bits
    unit_extra: Bits
    unit_different: Bits
    placeholders: list[Annotated[str, Field(pattern=r"^\d+( [a-z0-9]+)+$")]]


class NamesakeRules(Section):
    """What records that only their names bring together show beside them."""

    same_zip: Share = Field(gt=0, lt=1)
    same_feed: Bits
    caller_and_contact: float = Field(ge=0, le=40)
    near_phone: Share = Field(gt=0)
    another: Bits
    near_days: int = Field(ge=0)
    far_days: int = Field(ge=0)


class HouseholdRules(Section):
    """`household.toml`: kinds of pair, namesakes, clustering, shared identifiers, addresses."""

    version: Literal[1, 2, 3, 4, 5, 6, 7, 8]
    people_per_home: float = Field(gt=0)
    kinds: KindRules
    namesakes: NamesakeRules
    cluster: ClusterRules
    shared: SharedRules
    address: AddressRules


class FitRule(Section):
    """How often what a visitor shows is his home's own, close to it, or near it; the rest are mistakes."""

    fits: Share
    close: Share = 0.0
    near: Share

    @model_validator(mode="after")
    def _leave_a_rest(self) -> Self:
        if self.fits + self.close + self.near > 1:
            raise ValueError("fits, close and near add up to more than 1")
        return self


class BandRule(FitRule):
    """Value bands; near is the next one."""

    width: float = Field(gt=0)


class YearRule(FitRule):
    """Years of building."""

    near_within: int = Field(ge=0)


class AreaRule(FitRule):
    """Floor areas; those that are round numbers agree in their own way."""

    close_within_share: Share
    near_within_share: Share
    round_to: float = Field(gt=0)
    round: FitRule


class TouchedRule(Section):
    """How often a visit answers a touch of the same home, within hours."""

    soon_hours: float = Field(gt=0)
    soon: Share
    later_hours: float = Field(gt=0)
    later: Share


class SessionRules(Section):
    """`session.toml`: whose an anonymous cookie is."""

    version: Literal[1]
    place_at_least: Share
    candidates: int = Field(ge=1)
    candidate_at_least: Share
    own: Share
    listed: Share
    listed_weight: float = Field(gt=0)
    zip_right: Share
    zip_homes: int = Field(ge=1)
    value_band: BandRule
    year_built: YearRule
    square_footage: AreaRule
    touched: TouchedRule


class Nicknames(Section):
    """`nicknames.toml`: the short forms of given names."""

    version: Literal[1] = 1
    nicknames: dict[str, list[str]]

    def roots(self) -> dict[str, str]:
        """Short form → the name it stands for."""
        return {form: name for name, forms in self.nicknames.items() for form in forms}


@dataclass(frozen=True)
class Rules:
    """All linking rules of a project, as declared."""

    folder: Path
    person: PersonRules
    household: HouseholdRules
    session: SessionRules
    nicknames: dict[str, str]

    @property
    def matching(self) -> Matching:
        """What the linking core goes by."""
        person, expected = self.person, self.household.kinds.expected
        return Matching(person.block, person.comparison, expected, FAMILY, KINDRED, apart=APART)

    @property
    def fingerprint(self) -> str:
        """Hash of everything that training depends on."""
        declared = [self.person.model_dump(), self.household.kinds.model_dump()]
        return hashlib.sha256(json.dumps(declared, sort_keys=True).encode()).hexdigest()


def read_rules(folder: Path) -> Rules:
    """The rules in `folder`; raises SettingsError with file, line and field."""
    rules = Rules(
        folder,
        read_declaration(folder / PERSON, PersonRules),
        read_declaration(folder / HOUSEHOLD, HouseholdRules),
        read_declaration(folder / SESSION, SessionRules),
        read_declaration(folder / NICKNAMES, Nicknames).roots(),
    )
    check_expectation(rules.matching, str(folder / HOUSEHOLD))
    return rules
