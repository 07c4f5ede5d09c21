// purpose: write the figures of areas: a ZIP in a storm, or ALL of a storm
// params: batch, run
// returns: written
UNWIND $batch.rows AS row
MERGE (a:Area {event_id: row.event_id, zip_code: row.zip_code})
SET a += row.properties, a.changed_run = $run, a.fingerprint = row.fingerprint
MERGE (s:Storm {event_id: row.event_id})
MERGE (a)-[:OF]->(s)
RETURN count(*) AS written
