// purpose: change relationships of one type
// params: batch
// returns: written
UNWIND $batch.rows AS row
MATCH (a:<start> {<startkey>: row.start_key})-[r:<type>]->(b:<end> {<endkey>: row.end_key})
SET r = row.properties
SET r.<times> = localdatetime(row.<times>)
RETURN count(*) AS written
