// purpose: the credits of whole storms by one model
// params: model
// returns: event_id, dimension, key, share, conversions
MATCH (c:Credit {model: $model, zip_code: 'ALL'})
RETURN c.event_id AS event_id, c.dimension AS dimension, c.key AS key, c.share AS share, c.conversions AS conversions
ORDER BY event_id, dimension, key
