// purpose: conversions that end no journey: before any touch, after another conversion, or of nobody known
// params: none
// returns: event_id, conversions
MATCH (c:Conversion)
WHERE NOT EXISTS { (c)<-[:ENDED_IN]-(:Journey) }
RETURN c.event_id AS event_id, count(*) AS conversions
ORDER BY event_id
