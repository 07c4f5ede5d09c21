"""Slips of the pen in an email address before the @: `jnae.doe84@…` is Jane Doe's, though no such person is.

Two addresses of one domain, with the same digits, are one mailbox where letters differ by one slip inside of them
(struck wrongly, left out, one too many) or two neighbours are exchanged, and one of them spells nobody's name: what is
named may be somebody else, as j.smith@ and k.smith@ are, or john.smith12@ and john.smith14@ (decision 61).
Invariant: whether two addresses are one depends on all addresses of this run and on the names known; which ones differ
by a slip is looked for only where one of them is new.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rapidfuzz.distance import OSA

from stormops_graph.carryover import carried, forget, keep, told
from stormops_graph.link.mailnames import Names, may_be_somebody
from stormops_graph.tables import Connection, Table

MAIL_SLIP = Table("mail_slip", {"value": "VARCHAR", "meant": "VARCHAR"})
_MAIL_NEAR = Table("mail_near", {"value": "VARCHAR", "other": "VARCHAR"})  # value < other
INSIDE = 2  # letters before and behind a slip that are as they should be; further out, initials differ
SHORTEST = 5  # letters

# Two texts that differ by one slip have the first or the last half in common.
_PIECES = """
CREATE OR REPLACE TEMP TABLE mail_piece AS
WITH said AS (
    SELECT DISTINCT value, split_part(value, '@', 2) AS domain, split_part(value, '@', 1) AS local,
           regexp_replace(local, '[0-9]', '', 'g') AS letters, regexp_replace(local, '[^0-9]', '', 'g') AS digits
    FROM holding WHERE kind = 'email' AND length(letters) >= $shortest
), half AS (FROM said, (SELECT unnest([0, 1]) AS shorter))
SELECT DISTINCT value, domain, digits, letters, unnest([
    '<' || left(letters, (length(letters) - shorter) // 2), '>' || right(letters, (length(letters) - shorter) // 2)
]) AS piece FROM half
"""
_NEW_PIECES = """
CREATE OR REPLACE TEMP TABLE mail_piece_new AS FROM mail_piece WHERE NOT $known OR value IN (FROM mail_due)
"""
_DUE = "CREATE OR REPLACE TEMP TABLE mail_due AS SELECT value FROM identifier_due WHERE kind = 'email'"
_FIND = """
INSERT INTO mail_near
SELECT DISTINCT least(n.value, a.value), greatest(n.value, a.value)
FROM mail_piece_new n JOIN mail_piece a USING (domain, digits, piece)
WHERE n.value <> a.value AND abs(length(n.letters) - length(a.letters)) <= 1
  AND levenshtein(n.letters, a.letters) <= 2
"""
_FORGET = """
DELETE FROM mail_near WHERE value IN (FROM mail_due) OR other IN (FROM mail_due)
"""
_HOLDERS = "SELECT record FROM holding SEMI JOIN (SELECT value FROM {changed}) USING (value) WHERE kind = 'email'"


def find_mail_slips(con: Connection, names: Names) -> None:
    """Bring MAIL_SLIP, by the names that addresses may spell, up to date; who holds an address that changed what it
    means, is news. Reads holding and `identifier_due`.
    """
    known = carried(con, MAIL_SLIP.name)
    forget(con, MAIL_SLIP.name)
    for table in (MAIL_SLIP, _MAIL_NEAR):
        (table.ensure if known else table.create)(con)
    con.execute(_DUE)
    con.execute(_FORGET)
    con.execute(_PIECES, {"shortest": SHORTEST})
    con.execute(_NEW_PIECES, {"known": known})
    con.execute(_FIND)
    near = con.execute("FROM mail_near ORDER BY ALL").fetchall()
    with told(con, MAIL_SLIP.name, "*", _HOLDERS):
        MAIL_SLIP.create(con)
        MAIL_SLIP.append(con, sorted(meant(near, names).items()))
    for name in ("mail_due", "mail_piece", "mail_piece_new"):
        con.execute(f"DROP TABLE {name}")
    keep(con, MAIL_SLIP.name)


def meant(near: Iterable[tuple[str, str]], names: Names) -> Mapping[str, str]:
    """Which address is meant by those that are a slip, of pairs that may be one slip apart."""
    apart = [pair for pair in near if _is_slip(*(address.partition("@")[0] for address in pair))]
    nobody = {address: not may_be_somebody(address, names) for pair in apart for address in pair}
    others: dict[str, set[str]] = {}
    for one, other in apart:
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
    return min(_common(one, other), _common(one[::-1].lstrip("0123456789"), other[::-1].lstrip("0123456789"))) >= INSIDE


def _common(one: str, other: str) -> int:
    """How many letters two texts begin with in common."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _letters(address: str) -> str:
    return "".join(sign for sign in address.partition("@")[0] if not sign.isdigit())
