// purpose: change relationships of one type
// params: rows
// returns: written
UNWIND $rows AS row
MATCH (a:<start> {<startkey>: row.start_key})-[r:<type>]->(b:<end> {<endkey>: row.end_key})
SET r = row.properties, r.fingerprint = row.fingerprint
RETURN count(*) AS written
