"""Phone numbers as E.164, with the answers of phonenumbers (US where no country is said).

The plain forms of North American numbers are read in SQL by phonenumbers' own patterns, 60 times as fast;
the library itself reads the rest.
"""

from __future__ import annotations

import phonenumbers
from phonenumbers import NumberParseException, PhoneMetadata, PhoneNumberFormat

from stormops_graph.normalise.rules import PhonePattern
from stormops_graph.normalise.values import Reader, Reading, read_values
from stormops_graph.tables import Connection

_KINDS = ("fixed_line", "mobile", "toll_free", "premium_rate", "personal_number")

# raw → digits; an extension is dropped, and the ".0" of a number that was once a float.
_DIGITS = r"""
CREATE OR REPLACE TEMP TABLE phone_digits AS
SELECT raw, main, CASE
    WHEN NOT regexp_full_match(main, '\+?[\d\s().-]+') THEN NULL
    WHEN regexp_full_match(digits, '\d{10}') AND NOT starts_with(main, '+') THEN digits
    WHEN regexp_full_match(digits, '1\d{10}') THEN substr(digits, 2) END AS ten,
    digits
FROM (SELECT raw, main, regexp_replace(main, '\D', '', 'g') AS digits FROM (
    SELECT raw, regexp_replace(regexp_replace(raw, '^(\+?\d+)\.0$', '\1'),
                               '(?i)[\s,;]*(ext\.?|extension|x|#)[\s.:]*\d{1,7}\s*$', '') AS main
    FROM (SELECT DISTINCT raw FROM ({source}) WHERE raw IS NOT NULL)))
"""
_VALUES = """
CREATE OR REPLACE TEMP TABLE phone_value AS
SELECT raw,
       CASE WHEN reason IS NOT NULL THEN coalesce('+1' || ten, digits) WHEN plain THEN '+1' || ten
            ELSE phone END AS phone,
       reason
FROM (SELECT *, CASE {reasons} END AS reason,
             coalesce(regexp_full_match(ten, $plain), false) AS plain
      FROM phone_digits LEFT JOIN phone_read USING (raw))
"""


def read_phones(con: Connection, source: str, placeholders: list[PhonePattern]) -> None:
    """Write `phone_value(raw, phone, reason)` for the texts `raw` of `source`.

    `reason` says why the number is a placeholder; `phone` is NULL where the text is no number.
    """
    con.execute(_DIGITS.replace("{source}", source))
    plain = _plain_pattern()
    con.execute(
        "CREATE OR REPLACE TEMP TABLE phone_other AS SELECT raw, main FROM phone_digits"
        " WHERE NOT coalesce(regexp_full_match(ten, ?), false) ORDER BY raw",
        [plain],
    )
    read_values(con, "phone_main", "SELECT main AS raw FROM phone_other", Reader(("phone",), _read))
    con.execute(
        "CREATE OR REPLACE TEMP TABLE phone_read AS"
        " SELECT o.raw, m.phone FROM phone_other AS o JOIN phone_main AS m ON o.main = m.raw"
    )
    number = "coalesce(ten, digits)"
    reasons = " ".join(f"WHEN regexp_full_match({number}, $p{i}) THEN $r{i}" for i in range(len(placeholders)))
    said = {f"p{i}": rule.pattern for i, rule in enumerate(placeholders)}
    said |= {f"r{i}": rule.reason for i, rule in enumerate(placeholders)}
    con.execute(_VALUES.format(reasons=reasons or "WHEN false THEN ''"), said | {"plain": plain})


def _plain_pattern() -> str:
    """What a valid US number looks like: any of the library's patterns for the kinds of numbers it knows."""
    us = PhoneMetadata.metadata_for_region("US")
    kinds = [getattr(us, kind) for kind in _KINDS]
    patterns = {kind.national_number_pattern for kind in kinds if kind and kind.national_number_pattern}
    return "|".join(f"(?:{pattern})" for pattern in sorted(patterns))


def _read(text: str) -> Reading:
    try:
        number = phonenumbers.parse(text, "US")
    except NumberParseException:
        return (None,)
    valid = phonenumbers.is_valid_number(number)
    return (phonenumbers.format_number(number, PhoneNumberFormat.E164) if valid else None,)
