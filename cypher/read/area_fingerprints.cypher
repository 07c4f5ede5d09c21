// purpose: fingerprints of the areas of a storm and ZIP, or of all
// params: event_id, zip_codes
// returns: event_id, zip_code, fingerprint
MATCH (a:Area)
WHERE ($event_id IS NULL OR a.event_id = $event_id) AND ($zip_codes IS NULL OR a.zip_code IN $zip_codes)
RETURN a.event_id AS event_id, a.zip_code AS zip_code, a.fingerprint AS fingerprint
