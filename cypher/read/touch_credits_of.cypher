// purpose: the touches of some journeys, of those that converted, with who made them and their published credit
// params: journey_ids
// returns: event_id, touch_id, rep_id, credit
MATCH (j:Journey)-[s:HAS_TOUCH]->(t:Touch)
WHERE j.journey_id IN $journey_ids AND j.converted
RETURN j.event_id AS event_id, t.touch_id AS touch_id, t.rep_id AS rep_id, s.credit AS credit
