// purpose: credits of a storm and ZIP, or of all
// params: event_id, zip_codes
// returns: credit_id, event_id, zip_code, dimension, key, model, credit, low, high, interval, conversions, value, touches, journeys, raw, own, shift, fingerprint
MATCH (c:Credit)-[:FOR]->(:Area)
WHERE ($event_id IS NULL OR c.event_id = $event_id) AND ($zip_codes IS NULL OR c.zip_code IN $zip_codes)
RETURN c.credit_id AS credit_id, c.event_id AS event_id, c.zip_code AS zip_code, c.dimension AS dimension, c.key AS key,
       c.model AS model, c.share AS credit, c.low AS low, c.high AS high, c.interval AS interval,
       c.conversions AS conversions, c.value AS value, c.touches AS touches, c.journeys AS journeys,
       c.raw AS raw, c.own AS own, c.shift AS shift, c.fingerprint AS fingerprint
ORDER BY credit_id
