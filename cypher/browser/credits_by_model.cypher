// purpose: what each model says the channels of a storm earned, side by side
// params: event_id
// returns: channel, model, share, low, high
MATCH (c:Credit {event_id: $event_id, zip_code: 'ALL', dimension: 'channel'})
RETURN c.key AS channel, c.model AS model, round(c.share, 4) AS share, round(c.low, 4) AS low, round(c.high, 4) AS high
ORDER BY model, share DESC
LIMIT 200
