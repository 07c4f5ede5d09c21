// purpose: change relationships of one type
// params: rows
// returns: written
UNWIND $rows AS row
MATCH (a:<start> {<startkey>: row.start_key})-[r:<type>]->(b:<end> {<endkey>: row.end_key})
SET r = coalesce(row.properties, {}), r.fingerprint = row.fingerprint
FOREACH (name IN keys(row.times) | SET r[name] = localdatetime(row.times[name]))
RETURN count(*) AS written
