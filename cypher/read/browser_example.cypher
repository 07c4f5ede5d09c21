// purpose: a household to begin with: the converted one with the most records, and its storm and day
// params: none
// returns: household_id, event_id, day
MATCH (h:Household)-[:TOOK]->(j:Journey {converted: true})
RETURN h.household_id AS household_id, j.event_id AS event_id, toString(date(j.ended_at)) AS day
ORDER BY h.records DESC, household_id, event_id
LIMIT 1
