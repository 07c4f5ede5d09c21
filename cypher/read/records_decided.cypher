// purpose: records that a verdict in force is about, which a steward has therefore settled
// params: none
// returns: record
MATCH (r:Record)<-[:ABOUT]-(d:Decision)
WHERE d.verdict IN ['same', 'different'] AND d.needs_second IS NULL
  AND (d.ended_at IS NULL OR d.ended_at > localdatetime({timezone: 'UTC'}))
  AND NOT EXISTS { MATCH (later:Decision) WHERE later.supersedes = d.decision_id }
RETURN DISTINCT r.record AS record
