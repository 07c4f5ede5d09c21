"""Names in email addresses: `jane.doe84@…` is likely Jane Doe's.

Only for records that name nobody otherwise. The local part is read as given and surname, in either order, with or
without a separator, or as surname with an initial before or after it; both must be names that the trained frequencies
know or that people bear here, so that `roofing.dallas@…` is nobody. Surnames of two words are spelt in one there.
Invariant: what an address spells depends on the names that its own parts may be; it is read again where one of these
came or went.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

import pyarrow as pa

from stormops_graph.carryover import carried, differing, forget, keep, told
from stormops_graph.tables import Connection, Table

Name = tuple[str | None, str | None]
Surnames = Mapping[str, str]  # as addresses spell them → as records do
NOBODY: Name = (None, None)
_SPLIT = re.compile(r"[._-]+")
_NUMBER = re.compile(r"\d+")
_BLANK = re.compile(r"[ -]")
SHORTEST = 3  # letters of a name that is found without a separator
FAMILIES = 2  # surnames with which a first name of this run is taken for one

MAIL_NAME = Table("mail_name", dict.fromkeys(("email", "given", "surname"), "VARCHAR"))
_MAIL_READ = Table("mail_read", {"email": "VARCHAR"})  # all that were read; MAIL_NAME has those that spell a name
_MAIL_PART = Table("mail_part", {"email": "VARCHAR", "part": "VARCHAR"})
_MAIL_KNOWN = Table("mail_known", dict.fromkeys(("kind", "name", "surname"), "VARCHAR"))  # given | surname | whole
_BY_ADDRESS = (MAIL_NAME, _MAIL_READ, _MAIL_PART)
_BORNE = {
    "given": "SELECT given FROM full_name GROUP BY given HAVING count(*) >= $families",
    "surname": "SELECT DISTINCT surname FROM record WHERE length(surname) >= $shortest ORDER BY surname",
}
# Those whose first name is not known for one otherwise.
_WHOLE = """
INSERT INTO mail_told SELECT 'whole', given, surname FROM full_name
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


def name_in_email(
    email: str, given: Collection[str], surnames: Surnames, people: Collection[tuple[str, str]] = ()
) -> Name:
    """(given name or initial, surname) that an address spells, or nobody; `people` bear names that nobody else may."""
    parts = _parts(email)
    if len(parts) == 2:
        return _separated(parts[0], parts[1], given, surnames, people)
    return _joined(parts[0], given, surnames) if len(parts) == 1 else NOBODY


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


def _separated(
    first: str, last: str, given: Collection[str], surnames: Surnames, people: Collection[tuple[str, str]]
) -> Name:
    for one, other in ((first, last), (last, first)):
        surname = surnames.get(other)
        if surname is not None and (one in given or len(one) == 1 or (one, surname) in people):
            return one, surname
    return NOBODY


def _joined(local: str, given: Collection[str], surnames: Surnames) -> Name:
    if len(local) <= SHORTEST or local in given:  # mary1994 is no M. Ary, and alexander no Xander Ale
        return NOBODY
    for cut in range(len(local) - SHORTEST, SHORTEST - 1, -1):
        for one, other in ((local[:cut], local[cut:]), (local[cut:], local[:cut])):
            if one in given and other in surnames:
                return one, surnames[other]
    if local[1:] in surnames:
        return local[0], surnames[local[1:]]
    return (local[-1], surnames[local[:-1]]) if local[:-1] in surnames and local[:-1] not in given else NOBODY


def spelt(surnames: Iterable[str]) -> Surnames:
    """Each surname by its letters alone; the first in order where two are spelt alike."""
    found: dict[str, str] = {}
    for surname in sorted(surnames, key=lambda name: (not name.isalpha(), name)):
        found.setdefault(_BLANK.sub("", surname), surname)
    return found


def read_mail_names(con: Connection, given: Collection[str], surnames: Collection[str]) -> None:
    """Bring MAIL_NAME, of the addresses on records that name nobody, up to date; whom a change concerns, is news. Reads
    record, holding, full_name, `identifier_due` and `identifier_held`.

    `given` and `surnames` are names that are known; those that records say are added.
    """
    known = carried(con, MAIL_NAME.name)
    forget(con, MAIL_NAME.name)
    for table in (*_BY_ADDRESS, _MAIL_KNOWN):
        (table.ensure if known else table.create)(con)
    names = _tell_known(con, given, surnames)
    con.execute(_BARE.format(held="identifier_held" if known else "holding"))
    con.execute(_DUE.format(changed=differing("mail_told", _MAIL_KNOWN.name)))
    with told(con, "(FROM mail_name SEMI JOIN mail_due USING (email))", "*", _HOLDERS):
        for table in _BY_ADDRESS:
            con.execute(f"DELETE FROM {table.name} WHERE email IN (SELECT email FROM mail_due)")  # noqa: S608
        _read_due(con, *names)
    con.execute("CREATE OR REPLACE TABLE mail_known AS FROM mail_told")
    for name in ("mail_told", "mail_bare", "mail_due"):
        con.execute(f"DROP TABLE {name}")
    keep(con, MAIL_NAME.name)


def _tell_known(con: Connection, given: Collection[str], surnames: Collection[str]) -> tuple[set[str], Surnames]:
    """Write `mail_told`, like MAIL_KNOWN the names that are known now; those of them that an address is read by."""
    first = {*given, *_borne(con, "given", {"families": FAMILIES})}
    last = spelt([*surnames, *_borne(con, "surname", {"shortest": SHORTEST})])
    columns = {
        "kind": ["given"] * len(first) + ["surname"] * len(last),
        "name": [*first, *last],
        "surname": [None] * len(first) + list(last.values()),
    }
    con.register("mail_names", pa.table(columns, schema=pa.schema(dict.fromkeys(columns, pa.string()))))
    con.execute("CREATE OR REPLACE TEMP TABLE mail_told AS FROM mail_names")
    con.unregister("mail_names")
    con.execute(_WHOLE)
    return first, last


def _read_due(con: Connection, given: Collection[str], surnames: Surnames) -> None:
    """Read the addresses in `mail_due` that are there."""
    emails = [row[0] for row in con.execute("SELECT email FROM mail_due WHERE there ORDER BY email").fetchall()]
    people = set(con.execute("SELECT name, surname FROM mail_told WHERE kind = 'whole'").fetchall())
    names = [(email, *name_in_email(email, given, surnames, people)) for email in emails]
    MAIL_NAME.append(con, [name for name in names if name[2] is not None])
    _MAIL_READ.append(con, ((email,) for email in emails))
    _MAIL_PART.append(con, ((email, part) for email in emails for part in may_be_names(email)))


def _borne(con: Connection, column: str, limits: dict[str, int]) -> list[str]:
    return [row[0] for row in con.execute(_BORNE[column], limits).fetchall()]
