// purpose: an area's journeys and conversions, with its credits by one model
// params: event_id, zip_code, model
// returns: journeys, conversions, credits
MATCH (a:Area {event_id: $event_id, zip_code: $zip_code})
RETURN a.journeys AS journeys, a.conversions AS conversions, COLLECT {
  MATCH (c:Credit {model: $model})-[:FOR]->(a)
  RETURN {dimension: c.dimension, key: c.key, share: c.share, low: c.low, high: c.high}
  ORDER BY c.dimension, c.share DESC, c.key
} AS credits
