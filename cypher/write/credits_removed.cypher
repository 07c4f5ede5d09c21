// purpose: remove credits that no longer hold
// params: batch
// returns: nothing
UNWIND $batch.rows AS row
MATCH (c:Credit {credit_id: row.key})
DETACH DELETE c
