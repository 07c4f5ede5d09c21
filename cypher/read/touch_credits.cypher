// purpose: the touches of converting journeys with who made them and their published credit, of one storm or of all
// params: event_id
// returns: event_id, touch_id, rep_id, credit
MATCH (j:Journey {converted: true})-[s:HAS_TOUCH]->(t:Touch)
WHERE $event_id IS NULL OR j.event_id = $event_id
RETURN j.event_id AS event_id, t.touch_id AS touch_id, t.rep_id AS rep_id, s.credit AS credit
