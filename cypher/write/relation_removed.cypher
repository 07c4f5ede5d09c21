// purpose: remove relationships of one type
// params: batch
// returns: nothing
UNWIND $batch.rows AS row
MATCH (a:<start> {<startkey>: row.start_key})-[r:<type>]->(b:<end> {<endkey>: row.end_key})
DELETE r
