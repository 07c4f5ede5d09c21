// purpose: credits of a storm and ZIP, or of all
// params: event_id, zip_code
// returns: key, event_id, zip_code, dimension, name, model, share, low, high, fingerprint
MATCH (c:Credit)-[:FOR]->(:Area)
WHERE ($event_id IS NULL OR c.event_id = $event_id) AND ($zip_code IS NULL OR c.zip_code = $zip_code)
RETURN c.credit_id AS key, c.event_id AS event_id, c.zip_code AS zip_code, c.dimension AS dimension, c.key AS name,
       c.model AS model, c.share AS share, c.low AS low, c.high AS high, c.fingerprint AS fingerprint
ORDER BY key
