// purpose: the ZIPs of a storm with their conversions and the channel that earned most, by one model
// params: event_id, model
// returns: zip_code, journeys, conversions, channel, share, low, high
MATCH (a:Area {event_id: $event_id})<-[:FOR]-(c:Credit {dimension: 'channel', model: $model})
WITH a, c ORDER BY c.share DESC
WITH a, head(collect(c)) AS best
RETURN a.zip_code AS zip_code, a.journeys AS journeys, a.conversions AS conversions, best.key AS channel,
       round(best.share, 4) AS share, round(best.low, 4) AS low, round(best.high, 4) AS high
ORDER BY conversions DESC, zip_code
LIMIT 100
