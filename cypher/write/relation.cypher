// purpose: make relationships of one type that the graph does not hold yet
// params: rows
// returns: written
UNWIND $rows AS row
MATCH (a:<start> {<startkey>: row.start_key})
MATCH (b:<end> {<endkey>: row.end_key})
CREATE (a)-[r:<type>]->(b)
SET r = coalesce(row.properties, {}), r.fingerprint = row.fingerprint
SET r.from = localdatetime(row.times.from), r.to = localdatetime(row.times.to),
    r.first_seen = localdatetime(row.times.first_seen), r.last_seen = localdatetime(row.times.last_seen)
RETURN count(*) AS written
