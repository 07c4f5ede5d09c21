// purpose: journeys with their touches in order, of one storm or of all
// params: event_id
// returns: journey_id, household, event_id, zip_code, persona, converted, value, started_at, ended_at, touches
MATCH (h:Household)-[:TOOK]->(j:Journey)
WHERE $event_id IS NULL OR j.event_id = $event_id
CALL (j) {
  MATCH (j)-[step:HAS_TOUCH]->(t:Touch)
  WITH step, t ORDER BY step.position
  RETURN collect([step.position, t.touch_id, t.channel, t.play_id, toString(t.at)]) AS touches
}
RETURN j.journey_id AS journey_id, h.household_id AS household, j.event_id AS event_id, j.zip_code AS zip_code,
       j.persona AS persona, j.converted AS converted, j.value AS value, toString(j.started_at) AS started_at,
       toString(j.ended_at) AS ended_at, touches
