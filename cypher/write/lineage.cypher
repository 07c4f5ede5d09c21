// purpose: record what became of an old id, where the graph knows both
// params: batch, run, at
// returns: nothing
UNWIND $batch.rows AS row
MATCH (a:<start> {<startkey>: row.start_key})
MATCH (b:<end> {<endkey>: row.end_key})
MERGE (a)-[r:<type>]->(b)
ON CREATE SET r.run = $run, r.at = $at, r.fingerprint = row.properties.fingerprint
