// purpose: let an old id that lives again lead to no other, and keep that it did
// params: batch, run, at
// returns: nothing
UNWIND $batch.rows AS row
MATCH (a:<start> {<startkey>: row.start_key})-[r:<type>]->(b:<end> {<endkey>: row.end_key})
MERGE (a)-[was:WAS_MERGED_INTO]->(b)
SET was.run = r.run, was.at = r.at, was.ended_run = $run, was.ended_at = $at
DELETE r
