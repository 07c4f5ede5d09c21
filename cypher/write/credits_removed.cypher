// purpose: remove credits that no longer hold
// params: rows
// returns: nothing
UNWIND $rows AS row
MATCH (c:Credit {credit_id: row.key})
DETACH DELETE c
