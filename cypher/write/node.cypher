// purpose: make or change nodes of one label
// params: batch, run
// returns: written
UNWIND $batch.rows AS row
MERGE (n:<label> {<key>: row.key})
ON CREATE SET n.first_run = $run
SET n += row.properties, n.changed_run = $run
SET n.<times> = localdatetime(row.<times>)
RETURN count(*) AS written
