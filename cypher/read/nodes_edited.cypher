// purpose: which of these nodes do not hold the values that were written
// params: batch
// returns: key
UNWIND $batch.rows AS row
MATCH (n:<label> {<key>: row.key})
WHERE any(name IN keys(row.properties) WHERE coalesce(n[name] <> row.properties[name], n[name] IS NOT NULL OR row.properties[name] IS NOT NULL))
   OR coalesce(n.<times> <> localdatetime(row.<times>), n.<times> IS NOT NULL OR row.<times> IS NOT NULL)
RETURN row.key AS key
