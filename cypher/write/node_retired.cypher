// purpose: keep the ids of households or persons that are no more, and nothing else of them, so that an old id can be followed
// params: batch, run
// returns: nothing
UNWIND $batch.rows AS row
MATCH (n:<label> {<key>: row.key})
SET n.retired_run = $run, n.changed_run = $run
REMOVE n.fingerprint, n.name, n.given, n.surname, n.address, n.zip_code
