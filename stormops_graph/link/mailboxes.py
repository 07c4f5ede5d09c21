"""Which mailbox an email address is of.

What follows a + is its owner's own mark, Gmail reads over dots, and who writes to gmial.com means gmail.com. A domain
is taken for a slip only where it is a letter's from one of the providers that most people have, and no domain of its
own; of slips before the @, `mailslips` knows.
Invariant: what an address means depends on nothing but itself and on MAIL_SLIP.
"""

from __future__ import annotations

from stormops_graph.link.mailslips import MAIL_SLIP
from stormops_graph.tables import Connection

# Short ones (aol.com, cox.net) have too many neighbours to be here.
PROVIDERS = (
    *("gmail.com", "yahoo.com", "hotmail.com", "outlook.com", "icloud.com", "protonmail.com", "comcast.net"),
    *("verizon.net", "charter.net", "sbcglobal.net", "bellsouth.net", "earthlink.net", "optonline.net"),
    "windstream.net",
)
# Real domains that are a letter from one of them.
OTHERS = ("ymail.com", "mail.com", "email.com", "gmail.co", "yahoo.co", "hotmail.co", "outlook.co", "cloud.com")
_SLIPS = """
CREATE OR REPLACE TEMP TABLE mistyped_domain AS
WITH domain AS (
    SELECT DISTINCT split_part(value, '@', 2) AS domain FROM holding {whose} WHERE kind = 'email'
), provider AS (SELECT unnest($providers) AS provider)
SELECT domain, min(provider) AS meant FROM domain, provider
WHERE domain NOT IN (FROM provider) AND NOT list_contains($others, domain)
  AND (levenshtein(domain, provider) = 1
       OR length(domain) = length(provider) AND levenshtein(domain, provider) = 2
          AND list_sort(string_split(domain, '')) = list_sort(string_split(provider, '')))
GROUP BY domain HAVING count(*) = 1
"""


_GMAIL = ("gmail.com", "googlemail.com")
_MAILBOXES = """
CREATE OR REPLACE TEMP TABLE mailbox AS
WITH said AS (
    SELECT DISTINCT value, coalesce(s.meant, value) AS whole, split_part(whole, '@', 1) AS local,
           split_part(whole, '@', 2) AS domain
    FROM holding {whose} LEFT JOIN mail_slip s USING (value) WHERE kind = 'email'
), meant AS (
    SELECT value, coalesce(nullif(split_part(local, '+', 1), ''), local) AS name, coalesce(m.meant, domain) AS domain
    FROM said LEFT JOIN mistyped_domain m USING (domain)
)
SELECT value, CASE WHEN list_contains($gmail, domain) THEN replace(name, '.', '') || '@' || $gmail[1]
                   ELSE name || '@' || domain END AS mailbox
FROM meant WHERE mailbox <> value
"""


def write_mailboxes(con: Connection, whose: str = "") -> None:
    """Write `mailbox(value, mailbox)` of the emails in `holding` that are written otherwise than their mailbox; `whose`
    is SQL that keeps it to some records.
    """
    MAIL_SLIP.ensure(con)
    write_mistyped_domains(con, whose)
    con.execute(_MAILBOXES.replace("{whose}", whose), {"gmail": list(_GMAIL)})


def write_mistyped_domains(con: Connection, whose: str = "") -> None:
    """Write `mistyped_domain(domain, meant)` of the domains in `holding`, or in that of some records."""
    con.execute(_SLIPS.replace("{whose}", whose), {"providers": list(PROVIDERS), "others": list(OTHERS)})
