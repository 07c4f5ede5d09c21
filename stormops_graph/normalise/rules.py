"""What the matching rules say about identifiers that identify nobody, and about what counts as a touch."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import duckdb
from pydantic import AfterValidator, Field

from stormops_graph.rules.declarations import read_declaration
from stormops_graph.rules.ruleset import NICKNAMES, Nicknames
from stormops_graph.settings import Section


def _is_pattern(text: str) -> str:
    # Some patterns are matched by DuckDB, whose RE2 knows neither back references nor looking ahead.
    try:
        re.compile(text)
        duckdb.execute("SELECT regexp_full_match('', ?)", [text]).fetchall()
    except duckdb.Error as error:
        raise ValueError("must be a regular expression of RE2: no back references, no looking around") from error
    except re.error as error:
        raise ValueError(f"must be a regular expression: {error}") from error
    return text


Pattern = Annotated[str, AfterValidator(_is_pattern)]


class PhonePattern(Section):
    """Digits that are no one's number."""

    pattern: Pattern
    reason: str = Field(min_length=1)


class EmailLists(Section):
    """Addresses, parts before the @ and domains that are no one's."""

    placeholder_addresses: list[str]
    placeholder_locals: list[str]
    placeholder_domains: list[str]
    role_locals: list[str]


class NameLists(Section):
    """Names that name nobody, words of remarks and of businesses, and well-known given names."""

    junk: list[Pattern]
    remark: list[str]
    beside_remark: list[str]
    business: list[str]
    given: list[str]


class IdentifierRules(Section):
    """`identifiers.toml`."""

    version: Literal[1]
    phone: list[PhonePattern]
    email: EmailLists
    name: NameLists


class Channel(Section):
    """A channel that is counted or left out."""

    count: bool


class WebChannel(Channel):
    """GA4 sessions."""

    session_minutes: float = Field(gt=0)


class EmailChannel(Channel):
    """Event types that are touches, and those that are where an export has none of them."""

    touches: list[str]
    otherwise: list[str]


class TextChannel(Channel):
    """Directions of texts that are touches."""

    directions: list[str]


class KnockChannel(Channel):
    """Outcomes of knocks that are touches; none listed: all."""

    outcomes: list[str]


class ChannelRules(Section):
    """`channels.toml`."""

    version: Literal[1]
    ga4: WebChannel
    email: EmailChannel
    sms: TextChannel
    call: Channel
    door_knock: KnockChannel


@dataclass(frozen=True)
class FeedRules:
    """What normalising goes by."""

    identifiers: IdentifierRules
    channels: ChannelRules
    nicknames: dict[str, str]


def read_feed_rules(folder: Path) -> FeedRules:
    """The rules in `folder`; raises SettingsError with file, line and field."""
    return FeedRules(
        read_declaration(folder / "identifiers.toml", IdentifierRules),
        read_declaration(folder / "channels.toml", ChannelRules),
        read_declaration(folder / NICKNAMES, Nicknames).roots(),
    )
