"""Persons over a census, tax forms, WIC and Social Security that others simulated: our linking core and plain Splink.

pseudopeople (BSD-3) ships a sample of about 20,000 people with their true ids. It is fetched into an environment of
its own at the first run. Twice: with all columns, and without the Social Security number, which no trade has.

    python benchmarks/pseudopeople.py
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import duckdb
from foreign_data import fetch
from linkage import Trial, compare, read_foreign_rules

from stormops_graph.rules.declarations import read_declaration
from stormops_graph.rules.ruleset import NICKNAMES, Nicknames

WANTED = 0.92
ADDRESSED = ("census", "tax", "wic")
TRIALS = (
    ("all columns", (*ADDRESSED, "ssa"), ()),
    ("without the Social Security number", (*ADDRESSED, "ssa"), ("ssn",)),
    ("names and addresses only", ADDRESSED, ("ssn", "birth", "sex")),
)
RULES = Path(__file__).parents[1] / "matching_rules"

# Dates come as MM/DD/YYYY, MMDDYYYY and YYYYMMDD; all to the last form. Street types are spelt in many ways.
MACROS = r"""
CREATE MACRO name_of(text) AS nullif(trim(regexp_replace(lower(text), '[^a-z ]', '', 'g')), '');
CREATE MACRO digits(text) AS nullif(regexp_replace(text, '[^0-9]', '', 'g'), '');
CREATE MACRO year_last(text) AS
    CASE WHEN length(digits(text)) = 8 THEN right(digits(text), 4) || left(digits(text), 4) END;
CREATE MACRO year_first(text) AS CASE WHEN length(digits(text)) = 8 THEN digits(text) END;
CREATE MACRO street_of(text) AS nullif(trim(regexp_replace(regexp_replace(lower(text), '[^a-z0-9 ]', '', 'g'),
    ' (street|st|avenue|ave|av|drive|dr|road|rd|lane|ln|court|ct|circle|cir|place|pl|boulevard|blvd|way|trail|trl'
    '|terrace|ter|parkway|pkwy)( |$)', ' ')), '');
"""
ROWS = """
CREATE TABLE row AS
SELECT 'census' AS source, simulant_id, household_id, first_name, middle_initial, last_name, sex,
       year_last(date_of_birth) AS birth, street_number, street_name, NULL AS po_box, NULL AS ssn
FROM '{folder}/census.parquet'
UNION ALL BY NAME
SELECT 'wic' AS source, simulant_id, household_id, first_name, middle_initial, last_name, sex,
       year_last(date_of_birth) AS birth, street_number, street_name FROM '{folder}/wic.parquet'
UNION ALL BY NAME
SELECT 'tax' AS source, simulant_id, household_id, first_name, middle_initial, last_name,
       mailing_address_street_number AS street_number, mailing_address_street_name AS street_name,
       mailing_address_po_box AS po_box, digits(ssn) AS ssn FROM '{folder}/tax.parquet'
UNION ALL BY NAME
SELECT 'ssa' AS source, simulant_id, first_name, left(middle_name, 1) AS middle_initial, last_name, sex,
       year_first(date_of_birth) AS birth, digits(ssn) AS ssn FROM '{folder}/ssa.parquet'
"""
PROFILE = """
CREATE TABLE profile AS
WITH plain AS (
    SELECT row_number() OVER (ORDER BY row) AS unique_id, source, simulant_id, household_id,
           name_of(first_name) AS given, left(name_of(middle_initial), 1) AS middle, name_of(last_name) AS surname,
           birth, digits(street_number) AS street_no, coalesce(street_of(street_name), 'po box ' || po_box) AS street,
           lower(left(sex, 1)) AS sex, ssn
    FROM row
)
SELECT p.*, coalesce(n.root, given) AS given_root, left(given, 1) AS given_initial, left(birth, 4) AS birth_year,
       right(birth, 4) AS birth_day,
       left(birth, 4) || list_reduce(list_sort([birth[5:6], birth[7:8]]), lambda a, b: a || b) AS birth_swapped,
       coalesce(street_no || ' ', '') || street AS address,
       CASE WHEN h.household_id IS NOT NULL THEN p.household_id END AS home
FROM plain p LEFT JOIN nickname n ON n.form = given
LEFT JOIN (
    SELECT household_id FROM '{folder}/census.parquet' GROUP BY 1 HAVING mode(housing_type) = 'Household'
) h USING (household_id)
WHERE list_contains($sources, source)
ORDER BY unique_id
"""


def profiles(folder: Path, sources: Sequence[str]) -> duckdb.DuckDBPyConnection:
    """A database with the table `profile` of these sources; `home` is empty for dormitories and the like."""
    con = duckdb.connect(config={"threads": 2})
    con.execute("SET enable_progress_bar = false")
    roots = read_declaration(RULES / NICKNAMES, Nicknames).roots()
    con.execute("CREATE TABLE nickname (form VARCHAR, root VARCHAR)")
    con.executemany("INSERT INTO nickname VALUES (?, ?)", list(roots.items()))
    con.execute(MACROS)
    con.execute(ROWS.format(folder=folder))
    con.execute(PROFILE.format(folder=folder), {"sources": list(sources)})
    return con


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    rules, folder = read_foreign_rules("pseudopeople"), fetch("pseudopeople")
    found = [
        compare(Trial(profiles(folder, sources), rules, without), title, "simulant_id", "home")
        for title, sources, without in TRIALS
    ]
    sys.exit(f"\nF1 is below {WANTED}" if min(found[:2]) < WANTED else None)


if __name__ == "__main__":
    main()
