"""Which mailbox an email address is of; which domains are a slip of the pen, and which are domains of their own."""

from __future__ import annotations

import duckdb

from stormops_graph.link.mailboxes import OTHERS, PROVIDERS, write_mailboxes, write_mistyped_domains
from stormops_graph.tables import HOLDING


def meant(*domains: str) -> dict[str, str]:
    con = duckdb.connect()
    HOLDING.create(con)
    for domain in domains:
        con.execute("INSERT INTO holding (record, kind, value) VALUES ('r', 'email', ?)", [f"ann@{domain}"])
    write_mistyped_domains(con)
    return dict(con.execute("FROM mistyped_domain ORDER BY domain").fetchall())


def test_a_letter_left_out_struck_twice_or_swapped_means_the_provider() -> None:
    assert meant("gmial.com", "gmal.com", "gmaail.com", "iclod.com", "gmail.con") == {
        "gmaail.com": "gmail.com",
        "gmail.con": "gmail.com",
        "gmal.com": "gmail.com",
        "gmial.com": "gmail.com",
        "iclod.com": "icloud.com",
    }


def test_providers_and_domains_of_their_own_mean_themselves() -> None:
    assert meant(*PROVIDERS, *OTHERS, "smithroofing.com", "gail.org") == {}


def test_a_mark_dots_at_gmail_and_a_mistyped_domain_are_one_mailbox() -> None:
    con = duckdb.connect()
    HOLDING.create(con)
    for email in (
        *("ann.lee+roof@gmail.com", "annlee@gmail.com", "an.n.lee@googlemail.com", "annlee@gmial.com"),
        *("ann.lee+roof@yahoo.com", "ann.lee@yahoo.com", "+roof@yahoo.com"),
    ):
        con.execute("INSERT INTO holding (record, kind, value) VALUES ('r', 'email', ?)", [email])
    write_mailboxes(con)
    assert dict(con.execute("FROM mailbox").fetchall()) == {
        "ann.lee+roof@gmail.com": "annlee@gmail.com",
        "an.n.lee@googlemail.com": "annlee@gmail.com",
        "annlee@gmial.com": "annlee@gmail.com",
        "ann.lee+roof@yahoo.com": "ann.lee@yahoo.com",  # elsewhere a dot is part of the name
    }
