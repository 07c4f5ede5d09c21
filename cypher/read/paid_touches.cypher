// purpose: the touches that were credited in journeys, with the household whose journey it is, who made them and their credit
// params: none
// returns: event_id, household, touch_id, rep_id, credit
MATCH (h:Household)-[:TOOK]->(j:Journey {converted: true})-[s:HAS_TOUCH]->(t:Touch)
WHERE s.credit IS NOT NULL
RETURN j.event_id AS event_id, h.household_id AS household, t.touch_id AS touch_id, t.rep_id AS rep_id, s.credit AS credit
