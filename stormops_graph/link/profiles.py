"""The table that Splink compares: one row a record, with only those identifiers that may link.

Shared identifiers and placeholders are left out, an email is its mailbox (`mailboxes`) and a number is without slips
(`phoneslips`); what a cookie shows by a form's hash or a clicked email counts as held. A home with more records than a
family leaves is not used to form candidate pairs, and a name that more people of the market bear than `NAMESAKES` does
not bring two records together on its own.
"""

from __future__ import annotations

import pyarrow as pa

from stormops_graph.carryover import open_tables, remade, renewed, tell_all
from stormops_graph.link.circles import draw_circles
from stormops_graph.link.frequencies import (
    KINDRED,
    NAME_COLUMNS,
    frequency_table,
    write_frequency,
    write_full_names,
    write_kindred,
    write_shares,
)
from stormops_graph.link.mailboxes import write_mailboxes
from stormops_graph.link.mailnames import read_mail_names
from stormops_graph.link.mailslips import find_mail_slips
from stormops_graph.link.origins import ORIGINS
from stormops_graph.link.phoneslips import find_phone_slips
from stormops_graph.rules.model import Model
from stormops_graph.tables import RECORD_NEWS, Connection, Table

CROWD = 80  # records at one home above which pairs come from the other blocks only (dormitories, offices)
TRADE_PHONES = 3  # phones on which a rare name shows above which it is a business's or a carrier's
TRADE_EMAILS = 3  # emails that spell a rare name above which it is two words: blue.moon@…
NAMESAKES = 3.0  # expected bearers of a full name in the market above which it forms no pairs

# {news} keeps each statement to the records that are news.
_HELD = """
CREATE OR REPLACE TEMP TABLE link_held AS
SELECT h.record, h.kind, list_sort(list(DISTINCT coalesce(m.mailbox, s.meant, h.value))) AS values
FROM holding h {news} ANTI JOIN shared_identifier i ON h.kind = i.kind AND h.value = i.value
LEFT JOIN mailbox m ON h.kind = 'email' AND m.value = h.value
LEFT JOIN phone_slip s ON h.kind = 'phone' AND s.value = h.value
WHERE h.kind IN ('phone', 'email') GROUP BY h.record, h.kind
"""

_NAMED = Table(
    "link_named", dict.fromkeys(("record", "given", "surname", "given_root", "given_initial", "origin"), "VARCHAR")
)
_NAMES = """
INSERT INTO link_named
WITH spelt AS (
    SELECT h.record, n.given, n.surname FROM holding h {news} ANTI JOIN shared_identifier s USING (kind, value)
    LEFT JOIN mail_name n ON n.email = h.value WHERE kind = 'email'
), mail AS (  -- a browser that shows two people's emails is neither's; of one family, it bears the family's name
    SELECT record, min(surname) AS surname,
           CASE WHEN count(DISTINCT left(given, 1)) = 1 AND count(DISTINCT given) FILTER (length(given) > 1) <= 1
                THEN arg_max(given, length(given)) END AS given
    FROM spelt GROUP BY record HAVING count(DISTINCT surname) = 1 AND count(*) = count(surname)
), named AS (
    SELECT r.record, CASE WHEN r.given IS NULL AND r.surname IS NULL THEN m.given ELSE r.given END AS given,
           CASE WHEN r.given IS NULL AND r.surname IS NULL THEN m.surname ELSE r.surname END AS surname
    FROM record r {news} LEFT JOIN mail m USING (record)
)
SELECT d.*, coalesce(n.root, d.given) AS given_root, left(d.given, 1) AS given_initial,
       CASE WHEN length(d.given) > 1 THEN coalesce(o.origin, '') END AS origin
FROM named d LEFT JOIN nickname n ON n.form = d.given LEFT JOIN name_origin o ON o.given = d.given
"""

# Names that few people of the market bear, but many phones or emails.
_TRADE = Table("link_trade", {"given": "VARCHAR", "surname": "VARCHAR"})
_TRADES = """
INSERT INTO link_trade
SELECT given, surname FROM (
    SELECT d.given, d.surname FROM link_named d JOIN holding h ON h.record = d.record AND h.kind = 'phone'
    WHERE length(d.given) > 1 AND d.surname IS NOT NULL
    GROUP BY ALL HAVING count(DISTINCT h.value) > $trade_phones
    UNION
    SELECT m.given, m.surname FROM mail_name m GROUP BY ALL HAVING count(*) > $trade_emails
) JOIN given_frequency g ON g.name = given JOIN surname_frequency s ON s.name = surname
WHERE $people * s.share * g.share <= $namesakes
"""
_CROWD = Table("link_crowd", {"home": "VARCHAR"})
_CROWDS = "INSERT INTO link_crowd SELECT home FROM record_home GROUP BY home HAVING count(*) > $crowd"

_PROFILE = Table(
    "profile",
    dict.fromkeys(("unique_id", "feed", "given", "surname", "suffix"), "VARCHAR")
    | dict.fromkeys(("given_root", "given_initial", "rare_name"), "VARCHAR")
    | {"phones": "VARCHAR[]", "emails": "VARCHAR[]"}
    | {"kindred_bits": "TINYINT"}
    | dict.fromkeys(("home", "street_no", "street_name", "unit", "zip5"), "VARCHAR")
    | {"first_seen": "TIMESTAMP", "last_seen": "TIMESTAMP"}
    | {"circle_phones": "UBIGINT", "circle_emails": "UBIGINT"},
)
_PROFILES = """
INSERT INTO profile
SELECT r.record AS unique_id, r.feed, d.given, d.surname, r.suffix, d.given_root, d.given_initial,
       CASE WHEN $people * s.share * g.share * pow(2, coalesce(k.bits, 0)) <= $namesakes
            THEN d.surname || ' ' || d.given_initial END AS rare_name,
       p.values AS phones, e.values AS emails, coalesce(k.bits, 0) AS kindred_bits,
       CASE WHEN c.home IS NULL THEN a.home END AS home,
       r.street_no, r.street_name, r.unit, r.zip5, r.first_seen, r.last_seen,
       o.circle_phones, o.circle_emails
FROM record r {news}
LEFT JOIN (FROM link_named {news} ANTI JOIN link_trade USING (given, surname)) d USING (record)
LEFT JOIN given_frequency g ON g.name = d.given LEFT JOIN surname_frequency s ON s.name = d.surname
LEFT JOIN kindred k ON k.surname = d.surname AND k.origin = d.origin
LEFT JOIN (FROM record_home {news}) a USING (record)
LEFT JOIN link_crowd c ON c.home = a.home
LEFT JOIN circle o ON o.record = r.record
LEFT JOIN link_held p ON p.record = r.record AND p.kind = 'phone'
LEFT JOIN link_held e ON e.record = r.record AND e.kind = 'email'
WHERE p.values IS NOT NULL OR e.values IS NOT NULL OR a.home IS NOT NULL OR d.surname IS NOT NULL
"""
_BEARERS = "SELECT record FROM link_named SEMI JOIN (SELECT name AS {column} FROM {{changed}}) USING ({column})"
_TRADERS = "SELECT record FROM link_named SEMI JOIN {changed} USING (given, surname)"
_KIN = "SELECT record FROM link_named SEMI JOIN {changed} USING (surname, origin)"
_CROWDED = "SELECT record FROM record_home SEMI JOIN {changed} USING (home)"


def make_profiles(con: Connection, nicknames: dict[str, str], model: Model, people: float) -> None:
    """Bring `profile` up to date with the news, for a market of so many people."""
    RECORD_NEWS.ensure(con)
    with renewed(con, _PROFILE.name, nicknames, model, people) as known:
        if not known:
            tell_all(con)
        open_tables(con, (_NAMED, _TRADE, _CROWD, _PROFILE), known=known)
        news = "SEMI JOIN record_news USING (record)" if known else ""
        find_phone_slips(con)
        _name_records(con, nicknames, model, news)
        rarity = {"people": people, "namesakes": NAMESAKES}
        with remade(con, _TRADE, _TRADERS):
            con.execute(_TRADES, {**rarity, "trade_phones": TRADE_PHONES, "trade_emails": TRADE_EMAILS})
        with remade(con, _CROWD, _CROWDED):
            con.execute(_CROWDS, {"crowd": CROWD})
        draw_circles(con)
        write_mailboxes(con, news)
        con.execute(_HELD.replace("{news}", news))
        con.execute("DELETE FROM profile WHERE unique_id IN (FROM record_news)")
        con.execute(_PROFILES.replace("{news}", news), rarity)
    _PROFILE.check(con)


def _name_records(con: Connection, nicknames: dict[str, str], model: Model, news: str) -> None:
    """Bring `link_named`, the names of records, up to date."""
    con.register("nickname", pa.table({"form": list(nicknames), "root": list(nicknames.values())}))
    con.register("name_origin", pa.table({"given": list(ORIGINS), "origin": list(ORIGINS.values())}))
    _read_names(con, nicknames, model)
    con.execute("DELETE FROM link_named WHERE record IN (FROM record_news)")
    con.execute(_NAMES.replace("{news}", news))
    con.unregister("nickname")
    con.unregister("name_origin")


def _read_names(con: Connection, nicknames: dict[str, str], model: Model) -> None:
    """Bring `mail_name`, `mail_slip` and the frequencies up to date; whom their changes concern, is news."""
    write_full_names(con)
    for column in NAME_COLUMNS:
        write_shares(con, model, column)
    names = read_mail_names(con, model.frequency["given"].keys() | nicknames.keys(), model.rarest["given"])
    find_mail_slips(con, names)
    with remade(con, KINDRED, _KIN):
        write_kindred(con)
    for column in NAME_COLUMNS:
        with remade(con, frequency_table(column), _BEARERS.format(column=column)):
            write_frequency(con, model, column)
