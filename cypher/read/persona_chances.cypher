// purpose: of journeys whose home has no persona, the chances of each that the home's features give it, summed
// params: event_id
// returns: persona, chance
MATCH (h:Household)-[:TOOK]->(j:Journey)
WHERE j.persona IS NULL AND ($event_id IS NULL OR j.event_id = $event_id)
CALL (h, j) {
  // a household that was forgotten has no home, but its journey kept the chances
  OPTIONAL MATCH (h)-[:LIVES_AT]->(p:Property)
  WHERE p.persona IS NULL AND p.persona_names IS NOT NULL AND coalesce(p.zip_code, 'UNKNOWN') = j.zip_code
  WITH j, p ORDER BY p.property_id LIMIT 1
  RETURN coalesce(p.persona_names, j.persona_names) AS names, coalesce(p.persona_chances, j.persona_chances) AS chances
}
WITH names, chances
WHERE names IS NOT NULL
UNWIND range(0, size(names) - 1) AS i
RETURN names[i] AS persona, sum(chances[i]) AS chance
ORDER BY persona
