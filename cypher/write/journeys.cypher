// purpose: read the journeys of households out of the graph: one household in one storm, in time order, ended by the first conversion
// params: batch
// returns: written
UNWIND $batch.rows AS row
MATCH (h:Household {household_id: row.household_id})
CALL (h) {
  MATCH (h)<-[m:MEMBER_OF]-(:Person)<-[r:RESOLVES_TO]-(:Record)<-[:BY]-(x)
  WHERE (m.from IS NULL OR m.from <= x.at) AND (m.to IS NULL OR x.at < m.to)
    AND (r.from IS NULL OR r.from <= x.at) AND (r.to IS NULL OR x.at < r.to)
  RETURN x
  UNION ALL
  MATCH (h)<-[r:RESOLVES_TO]-(:Record)<-[:BY]-(x)
  WHERE (r.from IS NULL OR r.from <= x.at) AND (r.to IS NULL OR x.at < r.to)
  RETURN x
  UNION ALL
  MATCH (h)<-[:BY]-(x) // of somebody who was forgotten
  RETURN x
}
WITH h, x
WHERE x.event_id IS NOT NULL
WITH h, x
ORDER BY x.at, coalesce(x.touch_id, x.conversion_id)
WITH h, x.event_id AS event_id, collect(x) AS traces
WITH h, event_id, traces, head([x IN traces WHERE x:Conversion]) AS conversion
WITH h, event_id, conversion,
     [x IN traces WHERE x:Touch AND (conversion IS NULL OR x.at <= conversion.at)] AS touches
WHERE size(touches) > 0
WITH h, event_id, conversion, touches, touches[0].at AS started_at
CALL (h, started_at) {
  // its home then, or where none is known for that time the last it had
  OPTIONAL MATCH (h)-[l:LIVES_AT]->(p:Property)
  RETURN p
  ORDER BY (l.from IS NULL OR l.from <= started_at) AND (l.to IS NULL OR started_at < l.to) DESC,
           coalesce(l.from, localdatetime('0001-01-01T00:00')) DESC, p.property_id
  LIMIT 1
}
CREATE (h)-[:TOOK]->(j:Journey {
  journey_id: h.household_id + ':' + event_id, event_id: event_id, zip_code: coalesce(p.zip_code, 'UNKNOWN'),
  persona: p.persona, converted: conversion IS NOT NULL, value: conversion.value, started_at: started_at,
  ended_at: coalesce(conversion.at, touches[-1].at)
})
MERGE (s:Storm {event_id: event_id})
MERGE (a:Area {event_id: event_id, zip_code: coalesce(p.zip_code, 'UNKNOWN')})
MERGE (a)-[:OF]->(s)
CREATE (j)-[:IN]->(a)
FOREACH (c IN CASE WHEN conversion IS NULL THEN [] ELSE [conversion] END | CREATE (j)-[:ENDED_IN]->(c))
FOREACH (i IN range(0, size(touches) - 1) |
  FOREACH (t IN [touches[i]] | CREATE (j)-[:HAS_TOUCH {position: i}]->(t)))
FOREACH (i IN range(0, size(touches) - 2) |
  FOREACH (t IN [touches[i]] | FOREACH (n IN [touches[i + 1]] | CREATE (t)-[:NEXT {journey_id: j.journey_id}]->(n))))
RETURN count(*) AS written
