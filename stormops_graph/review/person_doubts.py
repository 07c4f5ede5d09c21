"""Who is whom inside a household: pairs of named records whose persons are in doubt.

Asked is of the weakest pair that holds a person together, and of the strongest that lies between two persons of one
household. Records that name nobody are not asked about: a number tells no steward who called.
"""

from __future__ import annotations

import pyarrow as pa

from stormops_graph.graph.forest import spanning
from stormops_graph.tables import Connection

# A record that is of two persons in turn is of the last of them.
_TIE = """
CREATE OR REPLACE TEMP TABLE review_tie AS
WITH named AS (
    SELECT record, first(person ORDER BY valid_to DESC NULLS FIRST, person) AS person
    FROM membership JOIN record USING (record) LEFT JOIN profile p ON p.unique_id = record.record
    WHERE person IS NOT NULL AND coalesce(record.given, record.surname, p.given, p.surname) IS NOT NULL
    GROUP BY record
), number AS (SELECT record, row_number() OVER (ORDER BY record) - 1 AS number FROM named)
SELECT left_id, right_id, ln.number AS left_number, rn.number AS right_number, person_probability AS probability,
       least(l.person, r.person) AS one, greatest(l.person, r.person) AS other, l.person = r.person AS joined,
       row_number() OVER (ORDER BY person_probability DESC, left_id, right_id) AS rank
FROM pair_kind
JOIN review_home lh ON lh.record = left_id JOIN review_home rh ON rh.record = right_id AND rh.household = lh.household
JOIN named l ON l.record = left_id JOIN named r ON r.record = right_id
JOIN number ln ON ln.record = left_id JOIN number rn ON rn.record = right_id
"""
_JOINED = "SELECT left_number, right_number, rank FROM review_tie WHERE joined ORDER BY rank"
_PERSON = """
CREATE OR REPLACE TEMP TABLE review_person AS
SELECT left_id, right_id FROM review_tie SEMI JOIN holding_person USING (rank) WHERE probability < $sure
UNION ALL
SELECT left_id, right_id FROM review_tie WHERE NOT joined AND probability >= $asked
QUALIFY row_number() OVER (PARTITION BY one, other ORDER BY rank) = 1
"""


def find_person_doubts(con: Connection, sure: float, asked: float) -> None:
    """Fill `review_person` with the pairs in doubt, from PAIR_KIND, MEMBERSHIP and `review_home`."""
    con.execute(_TIE)
    ties = con.execute(_JOINED).fetchnumpy()
    holding = ties["rank"][spanning(ties["left_number"], ties["right_number"])]
    con.register("holding_person", pa.table({"rank": pa.array(holding, pa.int64())}))
    con.execute(_PERSON, {"sure": sure, "asked": asked})
    con.unregister("holding_person")
