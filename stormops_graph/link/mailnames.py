"""Names in email addresses: `jane.doe84@…` is likely Jane Doe's.

Only for records that name nobody otherwise. The local part is read as given and surname, in either order, with or
without a separator, or as surname with an initial before or after it; both must be names that the trained frequencies
know or that people bear here, so that `roofing.dallas@…` is nobody. Surnames of two words are spelt in one there.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

import pyarrow as pa

from stormops_graph.tables import Connection, Table

Name = tuple[str | None, str | None]
Surnames = Mapping[str, str]  # as addresses spell them → as records do
NOBODY: Name = (None, None)
_SPLIT = re.compile(r"[._-]+")
_NUMBER = re.compile(r"\d+")
_BLANK = re.compile(r"[ -]")
MAIL_NAME = Table("mail_name", dict.fromkeys(("email", "given", "surname"), "VARCHAR"))
SHORTEST = 3  # letters of a name that is found without a separator
FAMILIES = 2  # surnames with which a first name of this run is taken for one

_BARE = """
SELECT DISTINCT e.value FROM holding e JOIN record r USING (record)
WHERE e.kind = 'email' AND r.given IS NULL AND r.surname IS NULL ORDER BY 1
"""
_BORNE = {
    "given": "SELECT given FROM full_name GROUP BY given HAVING count(*) >= $families",
    "surname": "SELECT DISTINCT surname FROM record WHERE length(surname) >= $shortest ORDER BY surname",
}
_PEOPLE = "SELECT given, surname FROM full_name"


def name_in_email(
    email: str, given: Collection[str], surnames: Surnames, people: Collection[tuple[str, str]] = ()
) -> Name:
    """(given name or initial, surname) that an address spells, or nobody; `people` bear names that nobody else may."""
    local = _NUMBER.sub("", email.partition("@")[0].partition("+")[0])
    parts = [part for part in _SPLIT.split(local) if part]
    if len(parts) == 2:
        return _separated(parts[0], parts[1], given, surnames, people)
    return _joined(parts[0], given, surnames) if len(parts) == 1 else NOBODY


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


def _borne(con: Connection, column: str, limits: dict[str, int]) -> list[str]:
    return [row[0] for row in con.execute(_BORNE[column], limits).fetchall()]


def read_mail_names(con: Connection, given: Collection[str], surnames: Collection[str]) -> None:
    """Write MAIL_NAME of the addresses on records that name nobody.

    `given` and `surnames` are names that are known; those that records say are added.
    """
    given = {*given, *_borne(con, "given", {"families": FAMILIES})}
    known = spelt([*surnames, *_borne(con, "surname", {"shortest": SHORTEST})])
    people = set(con.execute(_PEOPLE).fetchall())
    emails = [row[0] for row in con.execute(_BARE).fetchall()]
    names = [name_in_email(email, given, known, people) for email in emails]
    rows = pa.table(
        {
            "email": pa.array(emails, pa.string()),
            "given": pa.array([name[0] for name in names], pa.string()),
            "surname": pa.array([name[1] for name in names], pa.string()),
        }
    )
    con.register("mail_name_rows", rows)
    MAIL_NAME.create(con)
    con.execute("INSERT INTO mail_name FROM mail_name_rows WHERE surname IS NOT NULL")
    con.unregister("mail_name_rows")
