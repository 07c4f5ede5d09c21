"""Names in email addresses: `jane.doe84@…` is likely Jane Doe's.

Only for records that name nobody otherwise. The local part is read as given and surname, in either order, with or
without a separator, or as surname with an initial before or after it; both must be names that the trained frequencies
know or that people bear here, so that `roofing.dallas@…` is nobody. Surnames of two words are spelt in one there. Where
it can be read in two ways, that one holds whose names more people bear (decision 59).
Invariant: what an address spells depends on the names that its own parts may be; it is read again where one of these
came, went or became more or less common.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import pyarrow as pa

from stormops_graph.carryover import differing, open_tables, renewed, told
from stormops_graph.tables import Connection, Table

Name = tuple[str | None, str | None]
NOBODY: Name = (None, None)
_SPLIT = re.compile(r"[._-]+")
_NUMBER = re.compile(r"\d+")
_BLANK = re.compile(r"[ -]")
SHORTEST = 3  # letters of a name that is found without a separator
FAMILIES = 2  # surnames with which a first name of this run is taken for one
IN_ORDER = 16.0  # addresses with the given name before a separator, for one with it behind
LIKELIER = 4.0  # than any other reading, one has to be so many times; else the address is nobody's

MAIL_NAME = Table("mail_name", dict.fromkeys(("email", "given", "surname"), "VARCHAR"))
_MAIL_READ = Table("mail_read", {"email": "VARCHAR"})  # all that were read; MAIL_NAME has those that spell a name
_MAIL_PART = Table("mail_part", {"email": "VARCHAR", "part": "VARCHAR"})
_MAIL_KNOWN = Table(  # given | surname | whole
    "mail_known", dict.fromkeys(("kind", "name", "surname"), "VARCHAR") | {"share": "DOUBLE"}
)
_BY_ADDRESS = (MAIL_NAME, _MAIL_READ, _MAIL_PART)
_GIVEN = "SELECT given FROM full_name GROUP BY given HAVING count(DISTINCT surname) >= $families"
_SURNAMES = "SELECT name, share FROM surname_share WHERE length(name) >= $shortest"
# Those whose first name is not known for one otherwise.
_WHOLE = """
INSERT INTO mail_told SELECT DISTINCT 'whole', given, surname, share FROM full_name JOIN given_share ON name = given
WHERE given NOT IN (SELECT name FROM mail_told WHERE kind = 'given')
"""
_BARE = """
CREATE OR REPLACE TEMP TABLE mail_bare AS
SELECT DISTINCT e.value AS email FROM {held} e JOIN record r USING (record)
WHERE e.kind = 'email' AND r.given IS NULL AND r.surname IS NULL
"""
_DUE = """
CREATE OR REPLACE TEMP TABLE mail_due AS
WITH gone AS (
    SELECT email FROM mail_read SEMI JOIN (SELECT value AS email FROM identifier_due WHERE kind = 'email') USING (email)
    ANTI JOIN mail_bare USING (email)
)
SELECT email, true AS there FROM mail_bare ANTI JOIN mail_read USING (email)
UNION ALL SELECT email, false FROM gone
UNION ALL SELECT DISTINCT email, true FROM mail_part SEMI JOIN (SELECT name FROM ({changed})) ON name = part
ANTI JOIN gone USING (email)
"""
_HOLDERS = "SELECT record FROM holding SEMI JOIN (SELECT email AS value FROM {changed}) USING (value)"


class Surname(NamedTuple):
    """A surname as records write it, and the share of people that bear it."""

    name: str
    share: float


@dataclass(frozen=True)
class Names:
    """The names that an address may spell; given names by the share of people that bear them."""

    given: Mapping[str, float]
    surnames: Mapping[str, Surname]  # as addresses spell them
    people: Mapping[tuple[str, str], float] = field(default_factory=dict)  # bear given names that nobody else may

    def bearers(self, one: str, other: str) -> Iterator[tuple[float, Name]]:
        """The name of given name `one` and surname `other`, and how common it is, if both are names."""
        if surname := self.surnames.get(other):
            share = self.given.get(one, self.people.get((one, surname.name), 0.0))
            if share:
                yield share * surname.share, (one, surname.name)

    def initialled(self, initial: str, other: str, *, behind: bool) -> Iterator[tuple[float, Name]]:
        """Surname `other` with an initial. One behind it is a surname's where that is a given name: benjaminc@…"""
        surname = self.surnames.get(other)
        if surname and not (behind and surname.share < LIKELIER * self.given.get(other, 0.0)):
            yield surname.share, (initial, surname.name)


def name_in_email(email: str, names: Names) -> Name:
    """(given name or initial, surname) that an address spells, or nobody."""
    return _likeliest(_readings(email, names))


def may_be_somebody(email: str, names: Names) -> bool:
    """Whether an address may spell a name in some way, a given name with a letter beside it among them."""
    letters = "".join(_parts(email))
    return not {letters, letters[1:], letters[:-1]}.isdisjoint(names.given) or bool(_readings(email, names))


def may_be_names(email: str) -> set[str]:
    """What `name_in_email` looks for among the names, in one address."""
    parts = _parts(email)
    if len(parts) != 1:
        return set(parts)
    local = parts[0]
    cuts = range(SHORTEST, len(local) - SHORTEST + 1)
    return {local, local[1:], local[:-1], *(local[:cut] for cut in cuts), *(local[cut:] for cut in cuts)}


def _parts(email: str) -> list[str]:
    local = _NUMBER.sub("", email.partition("@")[0].partition("+")[0])
    return [part for part in _SPLIT.split(local) if part]


def _readings(email: str, names: Names) -> list[tuple[float, Name]]:
    """The names that an address may spell, each with how likely it is."""
    parts = _parts(email)
    if len(parts) == 2:
        return _separated(parts[0], parts[1], names)
    return _joined(parts[0], names) if len(parts) == 1 else []


def _separated(first: str, last: str, names: Names) -> list[tuple[float, Name]]:
    if len(first) == 1:
        return list(names.initialled(first, last, behind=False))
    if len(last) == 1:
        return list(names.initialled(last, first, behind=True))
    in_order = ((share * IN_ORDER, name) for share, name in names.bearers(first, last))
    return [*in_order, *names.bearers(last, first)]


def _joined(local: str, names: Names) -> list[tuple[float, Name]]:
    if len(local) <= SHORTEST or local in names.given:  # mary1994 is no M. Ary, and alexander no Xander Ale
        return []
    cuts = [(local[:cut], local[cut:]) for cut in range(SHORTEST, len(local) - SHORTEST + 1)]
    both = [reading for one, other in (*cuts, *(cut[::-1] for cut in cuts)) for reading in names.bearers(one, other)]
    before = names.initialled(local[0], local[1:], behind=False)
    return both or [*before, *names.initialled(local[-1], local[:-1], behind=True)]


def _likeliest(readings: Iterable[tuple[float, Name]]) -> Name:
    """The reading that is clearly likelier than any other."""
    best, *others = sorted(readings, reverse=True) or [(0.0, NOBODY)]
    return NOBODY if others and best[0] < LIKELIER * others[0][0] else best[1]


def spelt(surnames: Mapping[str, float]) -> dict[str, Surname]:
    """Each surname, with its share, by its letters alone; the first in order where two are spelt alike."""
    found: dict[str, Surname] = {}
    for surname in sorted(surnames, key=lambda name: (not name.isalpha(), name)):
        found.setdefault(_BLANK.sub("", surname), Surname(surname, surnames[surname]))
    return found


def read_mail_names(con: Connection, given: Iterable[str], rarest: float) -> Names:
    """Bring MAIL_NAME, of the addresses on records that name nobody, up to date; whom a change concerns, is news. The
    names that addresses may spell.

    Reads record, holding, full_name, `given_share`, `surname_share`, `identifier_due` and `identifier_held`.
    `given` are names that are known for given names, as common as the `rarest` where nobody bears them; those that
    people of several surnames bear here are added.
    """
    with renewed(con, MAIL_NAME.name) as known:
        open_tables(con, (*_BY_ADDRESS, _MAIL_KNOWN), known=known)
        names = _tell_known(con, given, rarest)
        con.execute(_BARE.format(held="identifier_held" if known else "holding"))
        con.execute(_DUE.format(changed=differing("mail_told", _MAIL_KNOWN.name)))
        with told(con, "FROM mail_name SEMI JOIN mail_due USING (email)", _HOLDERS):
            for table in _BY_ADDRESS:
                con.execute(f"DELETE FROM {table.name} WHERE email IN (SELECT email FROM mail_due)")  # noqa: S608
            _read_due(con, names)
        con.execute("CREATE OR REPLACE TABLE mail_known AS FROM mail_told")
    for name in ("mail_told", "mail_bare", "mail_due"):
        con.execute(f"DROP TABLE {name}")
    return names


def _tell_known(con: Connection, given: Iterable[str], rarest: float) -> Names:
    """Write `mail_told`, like MAIL_KNOWN the names that are known now; those that an address is read by."""
    shares = dict(con.execute("FROM given_share").fetchall())
    borne = (row[0] for row in con.execute(_GIVEN, {"families": FAMILIES}).fetchall())
    first = {name: shares.get(name, rarest) for name in {*given, *borne}}
    last = spelt(dict(con.execute(_SURNAMES, {"shortest": SHORTEST}).fetchall()))
    columns = {
        "kind": ["given"] * len(first) + ["surname"] * len(last),
        "name": [*first, *last],
        "surname": [None] * len(first) + [surname.name for surname in last.values()],
        "share": [*first.values(), *(surname.share for surname in last.values())],
    }
    kinds = dict.fromkeys(("kind", "name", "surname"), pa.string()) | {"share": pa.float64()}
    con.register("mail_names", pa.table(columns, schema=pa.schema(kinds)))
    con.execute("CREATE OR REPLACE TEMP TABLE mail_told AS FROM mail_names")
    con.unregister("mail_names")
    con.execute(_WHOLE)
    whole = con.execute("SELECT name, surname, share FROM mail_told WHERE kind = 'whole'").fetchall()
    return Names(first, last, {(name, surname): share for name, surname, share in whole})


def _read_due(con: Connection, names: Names) -> None:
    """Read the addresses in `mail_due` that are there."""
    emails = [row[0] for row in con.execute("SELECT email FROM mail_due WHERE there ORDER BY email").fetchall()]
    read = [(email, *name_in_email(email, names)) for email in emails]
    MAIL_NAME.append(con, [name for name in read if name[2] is not None])
    _MAIL_READ.append(con, ((email,) for email in emails))
    _MAIL_PART.append(con, ((email, part) for email in emails for part in may_be_names(email)))
