// purpose: take what names somebody off ids that were retired by an earlier release
// params: batch
// returns: nothing
UNWIND $batch.rows AS row
MATCH (n:<label>)
WHERE n.retired_run IS NOT NULL
REMOVE n.name, n.given, n.surname, n.address, n.zip_code
