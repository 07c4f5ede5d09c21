// purpose: the homes whose household had a conversion in a storm then, with or without a touch
// params: event_id
// returns: event_id, property_id
MATCH (c:Conversion)-[:BY]->(r:Record)
WHERE c.event_id IS NOT NULL AND ($event_id IS NULL OR c.event_id = $event_id)
CALL (c, r) {
  MATCH (r)-[t:RESOLVES_TO]->(h:Household)
  WHERE (t.from IS NULL OR t.from <= c.at) AND (t.to IS NULL OR c.at < t.to)
  RETURN h
  UNION
  MATCH (r)-[t:RESOLVES_TO]->(:Person)-[m:MEMBER_OF]->(h:Household)
  WHERE (t.from IS NULL OR t.from <= c.at) AND (t.to IS NULL OR c.at < t.to)
    AND (m.from IS NULL OR m.from <= c.at) AND (m.to IS NULL OR c.at < m.to)
  RETURN h
}
MATCH (h)-[l:LIVES_AT]->(p:Property)
WHERE (l.from IS NULL OR l.from <= c.at) AND (l.to IS NULL OR c.at < l.to)
RETURN DISTINCT c.event_id AS event_id, p.property_id AS property_id
