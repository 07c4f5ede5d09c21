// purpose: the storms that have journeys
// params: none
// returns: event_id
MATCH (a:Area)
RETURN DISTINCT a.event_id AS event_id
ORDER BY event_id
