// purpose: make relationships of one type that the graph does not hold yet
// params: batch
// returns: written
UNWIND $batch.rows AS row
MATCH (a:<start> {<startkey>: row.start_key})
MATCH (b:<end> {<endkey>: row.end_key})
CREATE (a)-[r:<type>]->(b)
SET r = row.properties
SET r.<times> = localdatetime(row.<times>)
RETURN count(*) AS written
