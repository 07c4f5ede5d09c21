// purpose: storms to choose from
// params: none
// returns: event_id, name
MATCH (s:Storm)
RETURN s.event_id AS event_id, s.name AS name
ORDER BY event_id
LIMIT 25
