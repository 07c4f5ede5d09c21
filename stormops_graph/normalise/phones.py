"""Phone numbers as E.164, with the answers of phonenumbers (US where no country is said).

The plain forms of North American numbers are read in SQL by phonenumbers' own patterns, 60 times as fast;
the library itself reads the rest.
"""

from __future__ import annotations

import phonenumbers
from phonenumbers import NumberParseException, PhoneMetadata, PhoneNumber, PhoneNumberFormat, PhoneNumberMatcher

from stormops_graph.normalise.rules import PhonePattern
from stormops_graph.normalise.values import Reader, Reading, read_values
from stormops_graph.tables import Connection

_KINDS = ("fixed_line", "mobile", "toll_free", "premium_rate", "personal_number")

_LONGEST = 200  # letters of a text that may have a number in it

# An extension is dropped, and the ".0" of a number that was once a float; O and l that stand among digits are 0 and 1.
# `number` is NULL where the library must say.
_SAID = r"""
SELECT raw, main, reason,
       CASE WHEN reason IS NOT NULL THEN coalesce('+1' || ten, digits)
            WHEN regexp_full_match(ten, $plain) THEN '+1' || ten END AS number
FROM (SELECT *, CASE {reasons} END AS reason FROM (SELECT raw, main, digits, CASE
    WHEN NOT regexp_full_match(main, '\+?[\d\s()._-]+') THEN NULL
    WHEN regexp_full_match(digits, '\d{10}') AND NOT starts_with(main, '+') THEN digits
    WHEN regexp_full_match(digits, '(00)?1\d{10}') THEN right(digits, 10) END AS ten
FROM (SELECT raw, main, regexp_replace(main, '\D', '', 'g') AS digits FROM (SELECT raw,
    CASE WHEN regexp_full_match(main, '[+\d\s().-]*\d[OolI\d\s().-]*') AND regexp_full_match(main, '(.*\d){8}.*')
         THEN translate(main, 'OolI', '0011') ELSE main END AS main
FROM (
    SELECT raw, regexp_replace(regexp_replace(raw, '^(\+?\d+)\.0+$', '\1'),
                               '(?i)[\s,;]*(ext\.?|extension|x|#)[\s.:]*\d{1,7}\s*$', '') AS main
    FROM ({source}))))))
"""
_VALUES = """
CREATE OR REPLACE TEMP TABLE phone_value AS
SELECT said.raw, coalesce(number, phone) AS phone, reason
FROM phone_said AS said LEFT JOIN phone_main ON main = phone_main.raw
"""


def read_phones(con: Connection, source: str, placeholders: list[PhonePattern]) -> None:
    """Write `phone_value(raw, phone, reason)` for the texts `raw` of `source`.

    `reason` says why the number is a placeholder; `phone` is NULL where the text is no number.
    """
    query, said = _said(f"SELECT DISTINCT raw FROM ({source}) WHERE raw IS NOT NULL", placeholders)  # noqa: S608
    con.execute(f"CREATE OR REPLACE TEMP TABLE phone_said AS {query}", said)
    read_values(con, "phone_main", "SELECT main AS raw FROM phone_said WHERE number IS NULL", Reader(("phone",), _read))
    con.execute(_VALUES)


def read_phone(con: Connection, raw: str, placeholders: list[PhonePattern]) -> tuple[str | None, str | None]:
    """(phone, reason) of one text, as in `phone_value`; no table is written."""
    query, said = _said("SELECT unnest([$raw]) AS raw", placeholders)
    ((_, main, reason, number),) = con.execute(query, {**said, "raw": raw}).fetchall()
    return number or _read(main)[0], reason


def _said(source: str, placeholders: list[PhonePattern]) -> tuple[str, dict[str, str]]:
    """The query of what the texts of `source` say on their own, and its parameters."""
    number = "coalesce(ten, digits)"
    reasons = " ".join(f"WHEN regexp_full_match({number}, $p{i}) THEN $r{i}" for i in range(len(placeholders)))
    said = {f"p{i}": rule.pattern for i, rule in enumerate(placeholders)}
    said |= {f"r{i}": rule.reason for i, rule in enumerate(placeholders)}
    query = _SAID.replace("{reasons}", reasons or "WHEN false THEN ''").replace("{source}", source)
    return query, said | {"plain": _plain_pattern()}


def _plain_pattern() -> str:
    """What a valid US number looks like: any of the library's patterns for the kinds of numbers it knows."""
    us = PhoneMetadata.metadata_for_region("US")
    kinds = [getattr(us, kind) for kind in _KINDS]
    patterns = {kind.national_number_pattern for kind in kinds if kind and kind.national_number_pattern}
    return "|".join(f"(?:{pattern})" for pattern in sorted(patterns))


def _read(text: str) -> Reading:
    if len(text) > _LONGEST:  # to look for a number in megabytes takes minutes
        return (None,)
    number = _whole(text) or _first(text)
    return (phonenumbers.format_number(number, PhoneNumberFormat.E164) if number else None,)


def _whole(text: str) -> PhoneNumber | None:
    try:
        number = phonenumbers.parse(text, "US")
    except NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None


def _first(text: str) -> PhoneNumber | None:
    """The first number in a text that has a remark, or a second number, beside it."""
    return next((found.number for found in PhoneNumberMatcher(text, "US")), None)
