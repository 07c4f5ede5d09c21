// purpose: remove retired ids that were merged into nothing but a household or person that is forgotten
// params: batch
// returns: nothing
UNWIND $batch.rows AS row
MATCH (old:<label>)-[:MERGED_INTO*1..]->(:<label> {<key>: row.key})
WHERE old.retired_run IS NOT NULL
DETACH DELETE old
