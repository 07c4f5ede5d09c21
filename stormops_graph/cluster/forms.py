"""Web forms that were filled in for somebody else's home: a daughter's for her mother, a neighbour's, a let home's.

Whoever's email or phone is in the form is known at another home. A form that nobody of his bears out is no move if he
or his family is told of at that home since, or if a family of another name that lives at the form's home is seen since.
Then the browser keeps its address but has no home by it: it goes where its ties lead.
Invariant: what is decided of a browser depends on its component alone: whom it is parted from, stays in it.
"""

from __future__ import annotations

from stormops_graph.tables import Connection

# A contact's address is told when the card is made, whatever is changed there later.
_TOLD = "CASE WHEN starts_with(z.record, 'crm_contacts:') THEN z.first_seen ELSE z.last_seen END"
_FORMS = (
    """
CREATE OR REPLACE TEMP TABLE form_tie AS
SELECT "left" AS n, "right" AS other, household FROM evidence_edge WHERE tied
UNION ALL SELECT "right", "left", household FROM evidence_edge WHERE tied
""",
    """
CREATE OR REPLACE TEMP TABLE form AS
WITH typed AS (
    SELECT n, home, first_seen FROM evidence_record SEMI JOIN record_home USING (record)
    WHERE starts_with(record, 'ga4:') AND home IS NOT NULL
)
SELECT t.n, t.home, t.first_seen, y.n AS kin, y.home AS kin_home, y.surname
FROM typed t JOIN form_tie USING (n) JOIN evidence_record y ON y.n = other
WHERE household >= $tied_at_least AND y.home IS NOT NULL AND NOT starts_with(y.record, 'ga4:')
""",
    # His own there: of the name, by a tie to him.
    """
DELETE FROM form WHERE n IN (
    SELECT f.n FROM form f WHERE home = kin_home
    UNION SELECT f.n FROM form f JOIN form_tie t ON t.n = f.kin JOIN evidence_record z ON z.n = t.other
    WHERE z.home = f.home AND z.surname = f.surname AND NOT starts_with(z.record, 'ga4:'))
""",
    f"""
CREATE OR REPLACE TEMP TABLE form_astray AS
WITH stranger AS (
    SELECT f.n, f.home, f.first_seen, z.n AS other, {_TOLD} AS told
    FROM form f JOIN evidence_record z ON z.home = f.home
    WHERE z.surname <> f.surname AND NOT starts_with(z.record, 'ga4:')
)
SELECT f.n, f.home FROM form f JOIN evidence_record z ON z.home = f.kin_home AND z.surname = f.surname
WHERE {_TOLD} > f.first_seen
UNION SELECT n, home FROM stranger WHERE told > first_seen
UNION SELECT s.n, s.home FROM stranger s JOIN form_tie t ON t.n = s.other JOIN evidence_record w ON w.n = t.other
WHERE w.n <> s.n AND w.home IS NULL AND w.last_seen > s.first_seen
""",  # noqa: S608  (fixed words)
    "UPDATE evidence_record SET home = NULL, home_probability = 0 WHERE n IN (SELECT n FROM form_astray)",
)
_PARTED = """
INSERT INTO evidence_parted
SELECT least(f.n, z.n), greatest(f.n, z.n) FROM form_astray f JOIN evidence_record z ON z.home = f.home
"""


def set_forms_aside(con: Connection, tied_at_least: float) -> None:
    """Read evidence_edge and record_home; take their home from such browsers in evidence_record, and note it in
    `form_astray`.
    """
    for statement in _FORMS:
        con.execute(statement, {"tied_at_least": tied_at_least} if "$tied" in statement else {})
    for name in ("form_tie", "form"):
        con.execute(f"DROP TABLE {name}")


def part_forms(con: Connection) -> None:
    """Add such browsers' pairs with whom they would live with to evidence_parted."""
    con.execute(_PARTED)
    con.execute("DROP TABLE form_astray")
