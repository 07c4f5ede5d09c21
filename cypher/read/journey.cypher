// purpose: the journey of that id, or the one that a touch is in, with its touches in order
// params: id
// returns: journey_id, household, event_id, zip_code, persona, converted, value, started_at, ended_at, touches
CALL () {
  MATCH (j:Journey {journey_id: $id})
  RETURN j
  UNION
  MATCH (:Touch {touch_id: $id})<-[:HAS_TOUCH]-(j:Journey)
  RETURN j
}
MATCH (h:Household)-[:TOOK]->(j)
CALL (j) {
  MATCH (j)-[s:HAS_TOUCH]->(t:Touch)
  WITH s, t ORDER BY s.position
  RETURN collect({position: s.position, touch_id: t.touch_id, channel: t.channel, play_id: t.play_id, at: t.at,
                  rep_id: t.rep_id, credit: s.credit}) AS touches
}
RETURN j.journey_id AS journey_id, h.household_id AS household, j.event_id AS event_id, j.zip_code AS zip_code,
       j.persona AS persona, j.converted AS converted, j.value AS value, j.started_at AS started_at,
       j.ended_at AS ended_at, touches
LIMIT 1
