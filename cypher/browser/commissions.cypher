// purpose: who earned what of a storm's conversions, by the published touch credits
// params: event_id
// returns: channel, rep, play, touches, conversions, value
MATCH (j:Journey {event_id: $event_id, converted: true})-[s:HAS_TOUCH]->(t:Touch)
WHERE s.credit IS NOT NULL
RETURN t.channel AS channel, t.rep_id AS rep, t.play_id AS play, count(*) AS touches,
       round(sum(s.credit), 6) AS conversions, round(sum(s.credit * j.value), 2) AS value
ORDER BY conversions DESC, channel, rep, play
LIMIT 100
