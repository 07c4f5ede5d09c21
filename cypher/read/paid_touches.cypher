// purpose: the touches that were credited in journeys, each storm's as lists: whose journey it is, who made them ("": nobody) and their credit
// params: none
// returns: event_id, households, touches, reps, credits
MATCH (h:Household)-[:TOOK]->(j:Journey {converted: true})-[s:HAS_TOUCH]->(t:Touch)
WHERE s.credit IS NOT NULL
RETURN j.event_id AS event_id, collect(h.household_id) AS households, collect(t.touch_id) AS touches,
       collect(coalesce(t.rep_id, '')) AS reps, collect(s.credit) AS credits
