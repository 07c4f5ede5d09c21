// purpose: give the journeys of households that are forgotten to nameless ones, which nothing but a journey is known of
// params: batch
// returns: nothing
UNWIND $batch.rows AS row
MATCH (h:Household {household_id: row.key})-[took:TOOK]->(j:Journey)
MERGE (nameless:Household {household_id: row.new})
SET nameless.forgotten = true
CREATE (nameless)-[:TOOK]->(j)
DELETE took
WITH row, h, nameless, j
CALL (row, j) {
  MATCH (j)-[:HAS_TOUCH]->(:Touch)-[n:NEXT {journey_id: j.journey_id}]->(:Touch)
  SET n.journey_id = row.new + ':' + j.event_id
}
CALL (h, j) {
  // what priors of personas go by where the home has none
  MATCH (h)-[:LIVES_AT]->(p:Property)
  WHERE j.persona IS NULL AND p.persona IS NULL AND p.persona_names IS NOT NULL
    AND coalesce(p.zip_code, 'UNKNOWN') = j.zip_code
  WITH j, p ORDER BY p.property_id LIMIT 1
  SET j.persona_names = p.persona_names, j.persona_chances = p.persona_chances
}
SET j.journey_id = row.new + ':' + j.event_id
WITH DISTINCT h, nameless
MATCH (h)<-[by:BY]-(x)
MERGE (x)-[:BY]->(nameless)
DELETE by
