"""Email addresses, trimmed and in lower case, and nothing more: hashes elsewhere are over exactly that."""

from __future__ import annotations

from stormops_graph.normalise.rules import EmailLists
from stormops_graph.tables import Connection

_ADDRESS = (
    r"[\p{L}\p{N}!#$%&'*+/=?^_`{|}~-]+(\.[\p{L}\p{N}!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([\p{L}\p{N}]([\p{L}\p{N}-]*[\p{L}\p{N}])?\.)+\p{L}[\p{L}\p{N}-]*[\p{L}\p{N}]"
)
_VALUES = """
CREATE OR REPLACE TEMP TABLE email_value AS
SELECT raw, email, CASE
    WHEN list_contains($addresses, email) OR list_contains($locals, local) OR list_contains($domains, domain)
    THEN 'placeholder address' WHEN list_contains($roles, local) THEN 'role account' END AS reason
FROM (SELECT *, split_part(email, '@', 1) AS local, split_part(email, '@', 2) AS domain FROM (
    SELECT raw, CASE WHEN length(raw) <= 254 AND regexp_full_match(lower(raw), $address) THEN lower(raw) END AS email
    FROM (SELECT DISTINCT raw FROM ({source}) WHERE raw IS NOT NULL)))
"""


def read_emails(con: Connection, source: str, lists: EmailLists) -> None:
    """Write `email_value(raw, email, reason)` for the trimmed texts `raw` of `source`.

    `reason` says why the address is a placeholder; `email` is NULL where the text is no address.
    """
    con.execute(
        _VALUES.replace("{source}", source),
        {
            "addresses": lists.placeholder_addresses,
            "locals": lists.placeholder_locals,
            "domains": lists.placeholder_domains,
            "roles": lists.role_locals,
            "address": _ADDRESS,
        },
    )
