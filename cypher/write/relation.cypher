// purpose: make relationships of one type that the graph does not hold yet
// params: rows
// returns: written
UNWIND $rows AS row
MATCH (a:<start> {<startkey>: row.start_key})
MATCH (b:<end> {<endkey>: row.end_key})
CREATE (a)-[r:<type>]->(b)
SET r = coalesce(row.properties, {}), r.fingerprint = row.fingerprint
FOREACH (name IN keys(row.times) | SET r[name] = localdatetime(row.times[name]))
RETURN count(*) AS written
