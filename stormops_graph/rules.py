"""The declared matching rules: `matching_rules/*.toml` (channels, identifiers and personas have readers of their own).

Unknown keys are refused with file, line and field.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from stormops_graph.declarations import read_declaration
from stormops_graph.errors import SettingsError
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


class Level(Section):
    """One way in which two values can agree."""

    kind: Literal["exact", "nickname", "initial", "similar", "typo", "overlap", "near", "mailbox", "building"]
    at_least: Share | None = None
    at_most: int | None = Field(default=None, ge=1, le=5)
    rare: bool = False


class Comparison(Section):
    """How one column of two records is compared; the first level that holds counts."""

    column: Column
    level: list[Level] = Field(min_length=1)


class Block(Section):
    """Two records become a candidate pair when all of these columns agree."""

    on: list[BlockColumn] = Field(min_length=1)
    each: bool = False


class PersonRules(Section):
    """`person.toml`: which records are compared, and how."""

    version: int
    block: list[Block] = Field(min_length=1)
    comparison: list[Comparison] = Field(min_length=1)


Bits = Annotated[float, Field(ge=-40, le=0)]


class KindLevels(Section):
    """The expected share of each level of a comparison in the three kinds of pair."""

    person: list[Share]
    household: list[Share]
    unrelated: list[Share]


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


class ClusterRules(Section):
    """What may join what."""

    household_at_least: Share
    person_at_least: Share
    mover_at_least: Share
    families: int = Field(ge=1)
    mover_homes: int = Field(ge=1)
    torn_margin: Share


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


class HouseholdRules(Section):
    """`household.toml`: kinds of pair, clustering, shared identifiers, addresses."""

    version: int
    people_per_home: float = Field(gt=0)
    kinds: KindRules
    cluster: ClusterRules
    shared: SharedRules
    address: AddressRules


class Agreement(Section):
    """How often what a visitor shows is his home's own, close to it, or near it; the rest are mistakes."""

    fits: Share
    close: Share = 0.0
    near: Share

    @model_validator(mode="after")
    def _leave_a_rest(self) -> Self:
        if self.fits + self.close + self.near > 1:
            raise ValueError("fits, close and near add up to more than 1")
        return self


class BandRule(Agreement):
    """Value bands; near is the next one."""

    width: float = Field(gt=0)


class YearRule(Agreement):
    """Years of building."""

    near_within: int = Field(ge=0)


class AreaRule(Agreement):
    """Floor areas; those that are round numbers agree in their own way."""

    close_within_share: Share
    near_within_share: Share
    round_to: float = Field(gt=0)
    round: Agreement


class TouchedRule(Section):
    """How often a visit answers a touch of the same home, within hours."""

    soon_hours: float = Field(gt=0)
    soon: Share
    later_hours: float = Field(gt=0)
    later: Share


class SessionRules(Section):
    """`session.toml`: whose an anonymous cookie is."""

    version: int
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
    _check_kinds(rules)
    return rules


def _check_kinds(rules: Rules) -> None:
    for comparison in rules.person.comparison:
        levels = len(comparison.level) + 1
        declared: KindLevels = getattr(rules.household.kinds, comparison.column)
        for kind, shares in declared.model_dump().items():
            if len(shares) != levels or abs(sum(shares) - 1) > 1e-6 or min(shares) <= 0:
                raise SettingsError(
                    f"{rules.folder / HOUSEHOLD}: kinds.{comparison.column}.{kind} must be {levels} shares "
                    "above 0 that add up to 1",
                    f"one for each level of {comparison.column} in {PERSON}, the last for none of them",
                )
