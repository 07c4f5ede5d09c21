"""How common a name is: `given_frequency` and `surname_frequency(name, share)`, for every name of this run's records.

The trained share, or this run's where that is higher: a name may be common here that was rare where the model was
trained, and to take it for rare would join strangers. This run's share counts a full name once for each place it is
seen at, so that one family's many records do not make its name common, and is rounded to a power of two, so that it
seldom moves. A bare initial is as common as the names that begin with it. Names that emails spell are among them.
"""

from __future__ import annotations

import pyarrow as pa

from stormops_graph.rules.model import Model
from stormops_graph.tables import Connection, Table

NAME_COLUMNS = ("given", "surname")
INITIAL = 0.06  # share of the given names that begin with one letter: about one in sixteen
LIKE_OTHERS = 10  # how many bearers a surname counts as having that are of the origins everybody is of

_FULL_NAMES = """
CREATE OR REPLACE TEMP TABLE full_name AS
SELECT DISTINCT given, surname, coalesce(address_key, phones[1], emails[1]) AS seen FROM record
WHERE length(given) > 1 AND surname IS NOT NULL
"""

_SHARES = """
CREATE OR REPLACE TEMP TABLE {column}_share AS
WITH seen AS (
    SELECT {column} AS name, (count(*) - 1) / (SELECT count(*) FROM full_name) AS share
    FROM full_name GROUP BY {column}
), known AS (SELECT {column} AS name FROM record WHERE {column} IS NOT NULL UNION SELECT name FROM trained_share)
SELECT name, greatest(coalesce(t.share, $rarest), CASE WHEN s.share > 0 THEN pow(2, floor(log2(s.share))) ELSE 0 END)
           AS share
FROM known LEFT JOIN trained_share t USING (name) LEFT JOIN seen s USING (name)
"""
_FREQUENCY = """
INSERT INTO {column}_frequency
WITH known AS (SELECT {column} AS name FROM mail_name UNION SELECT name FROM {column}_share)
SELECT name, CASE WHEN length(name) = 1 THEN $initial ELSE coalesce(share, $rarest) END
FROM known LEFT JOIN {column}_share USING (name)
"""

# How much more common a surname is among given names of an origin than among all, in whole bits (decision 57).
KINDRED = Table("kindred", {"surname": "VARCHAR", "origin": "VARCHAR", "bits": "TINYINT"})
_KINDRED = """
INSERT INTO kindred
WITH named AS MATERIALIZED (
    SELECT surname, coalesce(origin, '') AS origin FROM full_name LEFT JOIN name_origin USING (given)
), everybody AS (
    SELECT origin, count(*) / (SELECT count(*) FROM named) AS share FROM named GROUP BY origin
), borne AS (
    SELECT surname, origin, count(*) AS here, sum(count(*)) OVER (PARTITION BY surname) AS bearers
    FROM named GROUP BY surname, origin
)
SELECT surname, origin, round(log2((here + $like_others * share) / (bearers + $like_others) / share)) AS bits
FROM borne JOIN everybody USING (origin) WHERE bits > 0
"""


def write_kindred(con: Connection) -> None:
    """Fill `kindred`; reads `full_name` and `name_origin`."""
    con.execute(_KINDRED, {"like_others": LIKE_OTHERS})


def write_full_names(con: Connection) -> None:
    """Write `full_name`, each full name that a record says, and where it is seen."""
    con.execute(_FULL_NAMES)


def frequency_table(column: str) -> Table:
    """Where it is said how common the names of a column are."""
    return Table(f"{column}_frequency", {"name": "VARCHAR", "share": "DOUBLE"})


def write_shares(con: Connection, model: Model, column: str) -> None:
    """Write `given_share` or `surname_share(name, share)` of every name that is trained or that a record says; reads
    `full_name`.
    """
    trained = model.frequency[column]
    shares = pa.table({"name": pa.array(trained, pa.string()), "share": pa.array(trained.values(), pa.float64())})
    con.register("trained_share", shares)
    con.execute(_SHARES.format(column=column), {"rarest": model.rarest[column]})
    con.unregister("trained_share")


def write_frequency(con: Connection, model: Model, column: str) -> None:
    """Fill `given_frequency` or `surname_frequency`; reads `mail_name` and the column's shares, which it drops."""
    con.execute(_FREQUENCY.format(column=column), {"rarest": model.rarest[column], "initial": INITIAL})
    con.execute(f"DROP TABLE {column}_share")
