// purpose: write verdicts without what gives away somebody who is forgotten
// params: rows
// returns: nothing
UNWIND $rows AS row
MATCH (d:Decision {decision_id: row.key})
SET d += row.properties, d.fingerprint = 0
