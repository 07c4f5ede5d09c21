// purpose: make or change nodes of one label
// params: rows, run
// returns: written
UNWIND $rows AS row
MERGE (n:<label> {<key>: row.key})
ON CREATE SET n.first_run = $run
SET n += row.properties, n.changed_run = $run, n.fingerprint = row.fingerprint, n.retired_run = null
FOREACH (name IN keys(row.times) | SET n[name] = localdatetime(row.times[name]))
RETURN count(*) AS written
