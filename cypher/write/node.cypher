// purpose: make or change nodes of one label
// params: rows, run
// returns: written
UNWIND $rows AS row
MERGE (n:<label> {<key>: row.key})
ON CREATE SET n.first_run = $run
SET n += row.properties, n.changed_run = $run, n.fingerprint = row.fingerprint, n.retired_run = null,
    // every time that a node can have, by name: a loop over the names takes half as long again
    n.at = localdatetime(row.times.at), n.first_seen = localdatetime(row.times.first_seen),
    n.last_seen = localdatetime(row.times.last_seen), n.started_at = localdatetime(row.times.started_at),
    n.ended_at = localdatetime(row.times.ended_at), n.shared_since = localdatetime(row.times.shared_since)
RETURN count(*) AS written
