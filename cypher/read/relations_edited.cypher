// purpose: which of these relationships do not hold the values that were written
// params: batch
// returns: start_key, end_key
UNWIND $batch.rows AS row
MATCH (a:<start> {<startkey>: row.start_key})-[r:<type>]->(b:<end> {<endkey>: row.end_key})
WHERE any(name IN keys(row.properties) WHERE coalesce(r[name] <> row.properties[name], r[name] IS NOT NULL OR row.properties[name] IS NOT NULL))
   OR coalesce(r.<times> <> localdatetime(row.<times>), r.<times> IS NOT NULL OR row.<times> IS NOT NULL)
RETURN row.start_key AS start_key, row.end_key AS end_key
