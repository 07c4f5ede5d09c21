// purpose: write verdicts without what gives away somebody who is forgotten
// params: batch
// returns: nothing
UNWIND $batch.rows AS row
MATCH (d:Decision {decision_id: row.key})
SET d += row.properties, d.fingerprint = 0
