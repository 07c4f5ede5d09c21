// purpose: the ZIP codes of storms, of one or of all; none are named where a storm is everywhere
// params: event_id
// returns: event_id, zip_codes
MATCH (s:Storm)
WHERE $event_id IS NULL OR s.event_id = $event_id
RETURN s.event_id AS event_id, coalesce(s.zip_codes, []) AS zip_codes
