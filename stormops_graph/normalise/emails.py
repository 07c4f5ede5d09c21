"""Email addresses, trimmed and in lower case, and nothing more: hashes elsewhere are over exactly that.

Of a text that is no address but has one in it (`Ana <ana@x.org>`, `ana@x.org; bob@x.org`), the first is read.
"""

from __future__ import annotations

from functools import reduce
from typing import Any
from unicodedata import category

from stormops_graph.normalise.rules import EmailLists
from stormops_graph.tables import Connection

_SIGNS = "!#$%&'*+/=?^_`{|}~-"


def _pattern(letters: str, digits: str) -> str:
    word, name = letters + digits, letters + digits + _SIGNS
    return rf"[{name}]+(\.[{name}]+)*@([{word}]([{word}-]*[{word}])?\.)+[{letters}][{word}-]*[{word}]"


_UNICODE = (r"\p{L}", r"\p{N}")
_ASCII = ("a-z", "0-9")  # letters and digits of most texts; a pattern of these is made ready 40 times as fast
# What stands before and after an address that is written with something else; a blank before it may be a slip in it.
_BEFORE, _AFTER = r"(?:^|[<(\[:;,/|\"'])\s*", r"(?:$|[>)\];,/|\"']|\s|\.$)"
# Signs as they were meant, where no address is said as it is: words for them, blanks around them, a comma for a dot.
# All that is left has to be one address, so that of two words before the @ none is taken for the mailbox.
_MEANT = (
    (r"[\x{200b}\x{feff}]", ""),
    (r"\x{ff20}|\s*[(\[]\s*at\s*[)\]]\s*|\s+at\s+", "@"),
    (r"\s*[(\[]\s*dot\s*[)\]]\s*|\s+dot\s+", "."),
    (r"[.\s]*@[@.\s]*", "@"),
    (r"(@[^@]*?)(\s*[.,;]\s*)+(com|net|org|edu|gov|us)\b", r"\1.\3"),
    (r"^\.+", ""),
)
_MENDED = reduce(lambda said, meant: f"regexp_replace({said}, '{meant[0]}', '{meant[1]}', 'g')", _MEANT, "said")
_SAID = """
SELECT raw, email, CASE
    WHEN list_contains($addresses, email) OR list_contains($locals, local) OR list_contains($domains, domain)
    THEN 'placeholder address' WHEN list_contains($roles, local) THEN 'role account' END AS reason
FROM (SELECT *, split_part(email, '@', 1) AS local, split_part(email, '@', 2) AS domain FROM (
    SELECT raw, CASE WHEN length(raw) > 254 THEN NULL WHEN regexp_full_match(said, $address) THEN said
                     ELSE coalesce(nullif(regexp_extract(said, $within, 1), ''),
                                   nullif(regexp_extract({meant}, $alone, 1), '')) END AS email
    FROM (SELECT raw, trim(lower(raw), '''"') AS said FROM ({source}))))
""".replace("{meant}", _MENDED)


def read_emails(con: Connection, source: str, lists: EmailLists) -> None:
    """Write `email_value(raw, email, reason)` for the trimmed texts `raw` of `source`.

    `reason` says why the address is a placeholder; `email` is NULL where the text is no address.
    """
    query = _SAID.replace("{source}", f"SELECT DISTINCT raw FROM ({source}) WHERE raw IS NOT NULL")  # noqa: S608
    other = con.execute(f"SELECT 1 FROM ({source}) WHERE strlen(raw) <> length(raw) LIMIT 1").fetchall()  # noqa: S608
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE email_value AS {query}", _parameters(lists, *(_UNICODE if other else _ASCII))
    )


def read_email(con: Connection, raw: str, lists: EmailLists) -> tuple[str | None, str | None]:
    """(email, reason) of one text, as in `email_value`; no table is written."""
    query = _SAID.replace("{source}", "SELECT unnest([$raw]) AS raw")
    said = _parameters(lists, *_spelled_with(raw))
    ((_, email, reason),) = con.execute(query, {**said, "raw": raw}).fetchall()
    return email, reason


def _spelled_with(raw: str) -> tuple[str, str]:
    """Letters and digits for the pattern of one text: of what is not ASCII its own alone, in either case."""
    others = {small for sign in raw for small in sign + sign.lower() if not small.isascii()}
    letters, digits = ("".join(sorted(c for c in others if category(c).startswith(kind))) for kind in "LN")
    return _ASCII[0] + letters, _ASCII[1] + digits


def _parameters(lists: EmailLists, letters: str, digits: str) -> dict[str, Any]:
    address = _pattern(letters, digits)
    return {
        "addresses": lists.placeholder_addresses,
        "locals": lists.placeholder_locals,
        "domains": lists.placeholder_domains,
        "roles": lists.role_locals,
        "address": address,
        "within": f"{_BEFORE}({address}){_AFTER}",
        "alone": f"(?:^|[<:]\\s*)({address})>?$",
    }
