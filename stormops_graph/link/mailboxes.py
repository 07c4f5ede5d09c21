"""Email domains that are a slip of the pen: who writes to gmial.com means gmail.com.

Only a letter's slip from one of the providers that most people have, and none that is a domain of its own. A slip in
the name before the @ is another person's mailbox.
Invariant: what a domain means depends on nothing but itself.
"""

from __future__ import annotations

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
    SELECT DISTINCT split_part(value, '@', 2) AS domain FROM holding WHERE kind = 'email'
), provider AS (SELECT unnest($providers) AS provider)
SELECT domain, min(provider) AS meant FROM domain, provider
WHERE domain NOT IN (FROM provider) AND NOT list_contains($others, domain)
  AND (levenshtein(domain, provider) = 1
       OR length(domain) = length(provider) AND levenshtein(domain, provider) = 2
          AND list_sort(string_split(domain, '')) = list_sort(string_split(provider, '')))
GROUP BY domain HAVING count(*) = 1
"""


def write_mistyped_domains(con: Connection) -> None:
    """Write `mistyped_domain(domain, meant)` of the domains in `holding`."""
    con.execute(_SLIPS, {"providers": list(PROVIDERS), "others": list(OTHERS)})
