// purpose: what a storm's channels would cost if they were removed, as shares
// params: event_id
// returns: channel, share
MATCH (c:Credit {event_id: $event_id, zip_code: 'ALL', dimension: 'channel', model: 'markov'})
RETURN c.key AS channel, c.share AS share
ORDER BY channel
