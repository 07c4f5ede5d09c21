// purpose: remove relationships of one type
// params: rows
// returns: nothing
UNWIND $rows AS row
MATCH (a:<start> {<startkey>: row.start_key})-[r:<type>]->(b:<end> {<endkey>: row.end_key})
DELETE r
