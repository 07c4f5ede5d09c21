"""Slips of the pen in a phone number: 972-555-3412 is 972-555-3142 where two neighbouring digits were exchanged.

One wrong digit counts as a slip too, as long as there are few numbers. Two numbers that differ so are taken for one,
unless calls came from both (a telephone does not mistype its own number), or their holders' families have different
names, or either number is as near to a third. How many are so near by chance is measured on the numbers themselves, by
slips that nobody makes: two exchanged digits that are not neighbours, two wrong digits (decision 63).
Invariant: whether two numbers are one depends on all numbers of this run; one wrong digit is looked for among all.
"""

from __future__ import annotations

from stormops_graph.link.sharing import HOLDINGS_OF
from stormops_graph.link.slips import Slips
from stormops_graph.tables import Connection, Table

PHONE_SLIP = Table("phone_slip", {"value": "VARCHAR", "meant": "VARCHAR"})
_PHONE_NEAR = Table("phone_near", {"value": "VARCHAR", "other": "VARCHAR", "slip": "VARCHAR"})  # value < other
# What each slip is held against, and how many numbers are so near by chance for each that the control finds: of ten
# digits nine have a neighbour and eight one behind it; one is wrong in 10 × 9 ways, two are in 45 × 81.
_CONTROL = {"swapped": ("swapped apart", 9 / 8), "mistyped": ("mistyped twice", 90 / 3645)}
_CHANCE_AT_MOST = 0.025
_WEIGHT, _EXPECTED = 5, 0.02  # before any number was seen: the share by chance, and how many pairs it counts like
_FEW = 15_000  # among more numbers so many are one digit from another that it says nothing

_NUMBERS = """
SELECT DISTINCT value FROM {held} WHERE kind = 'phone' AND length(value) = 12 AND starts_with(value, '+1')
"""
_SWAPPED = f"""
INSERT INTO phone_near
WITH variant AS (
    SELECT value, gap, left(value, place - 1) || value[place + gap] || substr(value, place + 1, gap - 1)
                       || value[place] || substr(value, place + gap + 1) AS other
    FROM ({_NUMBERS}), range(3, 12) AS t(place), (VALUES (1), (2)) AS g(gap)
    WHERE place + gap <= 12 AND value[place] <> value[place + gap]
)
SELECT DISTINCT least(value, other), greatest(value, other), CASE gap WHEN 1 THEN 'swapped' ELSE 'swapped apart' END
FROM variant SEMI JOIN (FROM holding WHERE kind = 'phone') AS known ON known.value = other ORDER BY ALL
"""  # noqa: S608  (fixed words, here and below)
_MISTYPED = f"""
INSERT INTO phone_near
WITH most AS (
    SELECT value, hash(place, further, left(value, place - 1), substr(value, place + 1, further - place - 1),
                       substr(value, further + 1)) AS rest
    FROM ({_NUMBERS.format(held="holding")}), range(3, 12) AS p(place), range(4, 13) AS f(further) WHERE place < further
)
SELECT DISTINCT a.value, b.value, CASE hamming(a.value, b.value) WHEN 1 THEN 'mistyped' ELSE 'mistyped twice' END
FROM most a JOIN most b USING (rest) WHERE a.value < b.value AND hamming(a.value, b.value) <= 2
  AND list_sort(string_split(a.value, '')) <> list_sort(string_split(b.value, '')) ORDER BY ALL
"""  # noqa: S608
_EITHER = """
CREATE OR REPLACE TEMP TABLE phone_either AS
SELECT DISTINCT 'phone' AS kind, unnest([value, other]) AS value FROM phone_near
"""
_LIKELY = f"""
CREATE OR REPLACE TEMP TABLE phone_likely AS
WITH said AS (
    SELECT value, bool_or(starts_with(record, 'calls:')) AS rung,
           list(DISTINCT left(surname, 2)) FILTER (surname IS NOT NULL) AS families
    FROM ({HOLDINGS_OF.format(these="phone_either")} ANTI JOIN shared_identifier USING (kind, value))
    JOIN record USING (record) GROUP BY value
)
SELECT n.* FROM phone_near n JOIN said a USING (value) JOIN said b ON b.value = other
WHERE NOT (a.rung AND b.rung)
  AND (a.families IS NULL OR b.families IS NULL OR list_has_any(a.families, b.families))
"""  # noqa: S608
_MEANT = """
INSERT INTO phone_slip
WITH pair AS (SELECT DISTINCT value, other FROM phone_likely WHERE slip IN $slips),
beside AS (SELECT value FROM (SELECT unnest([value, other]) AS value FROM pair) GROUP BY value HAVING count(*) > 1)
SELECT other, value FROM pair WHERE value NOT IN (FROM beside) AND other NOT IN (FROM beside) ORDER BY ALL
"""
_SLIPS = Slips("phone", PHONE_SLIP, (_PHONE_NEAR,))


def find_phone_slips(con: Connection) -> None:
    """Bring PHONE_SLIP up to date; who holds a number that changed what it means, is news. Reads record, holding,
    shared_identifier, `identifier_due` and `identifier_held`.
    """
    with _SLIPS.renewed(con) as known:
        con.execute(_SWAPPED.format(held="identifier_held" if known else "holding"))
        con.execute("DELETE FROM phone_near WHERE starts_with(slip, 'mistyped')")  # which many or few numbers decide
        ((numbers,),) = con.execute(f"SELECT count(*) FROM ({_NUMBERS.format(held='holding')})").fetchall()  # noqa: S608
        if numbers <= _FEW:
            con.execute(_MISTYPED)
        con.execute(_EITHER)
        con.execute(_LIKELY)
        with _SLIPS.worked_out(con):
            con.execute(_MEANT, {"slips": _telling(con)})
        for name in ("phone_either", "phone_likely"):
            con.execute(f"DROP TABLE {name}")


def _telling(con: Connection) -> list[str]:
    """The slips of which hardly any are two people's numbers that are so near by chance."""
    pairs = dict(con.execute("SELECT slip, count(*) FROM phone_likely GROUP BY slip").fetchall())
    return [
        slip
        for slip, (control, share) in _CONTROL.items()
        if share * pairs.get(control, 0) + _WEIGHT * _EXPECTED <= _CHANCE_AT_MOST * (pairs.get(slip, 0) + _WEIGHT)
    ]
