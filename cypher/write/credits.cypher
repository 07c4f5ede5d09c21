// purpose: make or change credits, each for its area
// params: batch, run
// returns: written
UNWIND $batch.rows AS row
MERGE (c:Credit {credit_id: row.key})
ON CREATE SET c.first_run = $run
SET c += row.properties, c.changed_run = $run, c.fingerprint = row.fingerprint
MERGE (a:Area {event_id: row.event_id, zip_code: row.zip_code})
MERGE (c)-[:FOR]->(a)
RETURN count(*) AS written
