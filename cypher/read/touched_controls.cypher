// purpose: homes that were held out, but have a journey in a storm
// params: event_id
// returns: event_id, property_id
MATCH (p:Property {control: true})<-[l:LIVES_AT]-(:Household)-[:TOOK]->(j:Journey)
WHERE ($event_id IS NULL OR j.event_id = $event_id)
  AND (l.from IS NULL OR l.from <= j.ended_at) AND (l.to IS NULL OR j.started_at < l.to)
RETURN DISTINCT j.event_id AS event_id, p.property_id AS property_id
