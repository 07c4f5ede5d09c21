"""Slips of the pen in an email address before the @: `jnae.doe84@…` is Jane Doe's, though nobody has such a name.

Two addresses of one domain with the same digits are one mailbox where their letters differ by one slip (a wrong letter,
one left out or one too many, not at either end; or two neighbours exchanged) and at least one of the two spells
nobody's name. Where both spell names, they may be two people's, as j.smith@ and k.smith@ are, or john.smith12@ and
john.smith14@ (decision 59). Two addresses are one mailbox as well where one has a digit too few and no third address
has their letters: johnqsmith312@, johnqsmith12@.
Invariant: whether two addresses are one depends on all addresses of this run and on the names known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rapidfuzz.distance import OSA

from stormops_graph.link.mailnames import Names, may_be_somebody
from stormops_graph.link.slips import Slips
from stormops_graph.tables import Connection, Table

MAIL_SLIP = Table("mail_slip", {"value": "VARCHAR", "meant": "VARCHAR"})
_MAIL_NEAR = Table("mail_near", {"value": "VARCHAR", "other": "VARCHAR"})  # one slip apart; value < other
_MAIL_PIECE = Table("mail_piece", {"value": "VARCHAR", "piece": "UBIGINT"})
_MAIL_LETTERS = Table("mail_letters", {"value": "VARCHAR", "domain": "UBIGINT", "letters": "UBIGINT"})  # hashes
INSIDE = 2  # letters before and behind a slip that are as they should be; further out, initials differ
SHORTEST = 5  # letters
DIGITS = 2  # so many that two people seldom have the same by chance, or nearly so: one letter before and behind will do

# Two texts that differ by one slip have the first or the last half in common.
_LETTERS = "regexp_replace(split_part({0}, '@', 1), '[0-9]', '', 'g')"
_SAID = f"""
CREATE OR REPLACE TEMP TABLE mail_said AS
SELECT value, split_part(value, '@', 2) AS domain, {_LETTERS.format("value")} AS letters,
       regexp_replace(split_part(value, '@', 1), '[^0-9]', '', 'g') AS digits
FROM (SELECT DISTINCT value FROM {{held}} WHERE kind = 'email') WHERE length(letters) >= $shortest
"""  # noqa: S608  (fixed words)
_KEPT = (
    "INSERT INTO mail_letters SELECT value, hash(domain), hash(letters) FROM mail_said",
    """
INSERT INTO mail_piece
WITH half AS (SELECT *, unnest([length(letters) // 2, (length(letters) - 1) // 2]) AS length FROM mail_said)
SELECT DISTINCT value, unnest([
    hash(domain, digits, '<', left(letters, length)), hash(domain, digits, '>', right(letters, length))
]) FROM half
""",
)
_FIND = f"""
SELECT DISTINCT least(n.value, a.value) AS value, greatest(n.value, a.value) AS other
FROM (FROM mail_piece {{new}}) n JOIN mail_piece a USING (piece)
WHERE n.value <> a.value
  AND levenshtein({_LETTERS.format("n.value")}, {_LETTERS.format("a.value")}) <= 2 ORDER BY ALL
"""  # noqa: S608
# Of two people with the same letters the digits hardly ever come so near; and where many have them, they are not two.
_ALONE = """
SELECT min(value), max(value) FROM mail_letters
GROUP BY letters HAVING count(*) = 2 AND min(domain) = max(domain) ORDER BY ALL
"""
_SLIPS = Slips("email", MAIL_SLIP, (_MAIL_NEAR, _MAIL_PIECE, _MAIL_LETTERS))


def find_mail_slips(con: Connection, names: Names) -> None:
    """Bring MAIL_SLIP, by the names that addresses may spell, up to date; who holds an address that changed what it
    means, is news. Reads holding, `identifier_due` and `identifier_held`.
    """
    with _SLIPS.renewed(con) as known:
        con.execute(_SAID.format(held="identifier_held" if known else "holding"), {"shortest": SHORTEST})
        for step in _KEPT:
            con.execute(step)
        con.execute("DROP TABLE mail_said")
        new = f"SEMI JOIN {_SLIPS.due} USING (value)" if known else ""
        _MAIL_NEAR.append(con, apart(con.execute(_FIND.format(new=new)).fetchall()))
        near = con.execute("FROM mail_near ORDER BY ALL").fetchall()
        near += digits_apart(con.execute(_ALONE).fetchall())
        with _SLIPS.worked_out(con):
            MAIL_SLIP.append(con, sorted(meant(near, names).items()))


def apart(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Of pairs of addresses of one domain and the same digits, those that are one slip apart."""
    return [pair for pair in pairs if _is_slip(*(address.partition("@")[0] for address in pair))]


def digits_apart(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Of pairs of addresses with the same letters, those with a digit too few in one of them."""
    return [pair for pair in pairs if _is_digit_slip(*(address.partition("@")[0] for address in pair))]


def meant(near: Iterable[tuple[str, str]], names: Names) -> Mapping[str, str]:
    """Which address is meant by those that are a slip, of pairs that are one slip apart."""
    pairs = list(near)
    nobody = {address: not may_be_somebody(address, names) for pair in pairs for address in pair}
    others: dict[str, set[str]] = {}
    for one, other in pairs:
        if nobody[one] or nobody[other] or _letters(one) == _letters(other):
            others.setdefault(one, set()).add(other)
            others.setdefault(other, set()).add(one)
    found = {}
    for address, around in others.items():
        named = [other for other in around if not nobody[other]]
        if nobody[address] and named:
            if len(named) == 1:
                found[address] = named[0]
        elif len(around) == 1 and others[other := next(iter(around))] == {address} and nobody[other] == nobody[address]:
            found[max(address, other)] = min(address, other)  # either may be right
    return found


def _is_slip(one: str, other: str) -> bool:
    if OSA.distance(one, other) != 1:
        return False
    if len(one) == len(other) and sorted(one) == sorted(other):
        return True
    bare = [name.strip("0123456789") for name in (one, other)]
    inside = min(_common(*bare), _common(*(name[::-1] for name in bare)))
    return inside >= (INSIDE if len(_digits(one)) < DIGITS else 1)


def _is_digit_slip(one: str, other: str) -> bool:
    fewer, more = sorted(len(_digits(name)) for name in (one, other))
    return DIGITS <= fewer < more and OSA.distance(one, other) == 1


def _common(one: str, other: str) -> int:
    """How many letters two texts begin with in common."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _letters(address: str) -> str:
    return "".join(sign for sign in address.partition("@")[0] if not sign.isdigit())


def _digits(name: str) -> str:
    return "".join(filter(str.isdigit, name))
