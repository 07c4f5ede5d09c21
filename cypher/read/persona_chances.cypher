// purpose: of journeys whose home has no persona, the chances of each that the home's features give it, summed
// params: event_id
// returns: persona, chance
MATCH (h:Household)-[:TOOK]->(j:Journey)
WHERE j.persona IS NULL AND ($event_id IS NULL OR j.event_id = $event_id)
CALL (h, j) {
  MATCH (h)-[:LIVES_AT]->(p:Property)
  WHERE p.persona IS NULL AND p.persona_names IS NOT NULL AND coalesce(p.zip_code, 'UNKNOWN') = j.zip_code
  RETURN p
  ORDER BY p.property_id
  LIMIT 1
}
UNWIND range(0, size(p.persona_names) - 1) AS i
RETURN p.persona_names[i] AS persona, sum(p.persona_chances[i]) AS chance
ORDER BY persona
