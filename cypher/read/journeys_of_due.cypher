// purpose: the journeys that households have whose journeys are to be read again; a household without one has a row of nulls
// params: none
// returns: household, journey_id, event_id, zip_code
MATCH (h:Household)
WHERE h.journeys_due = true
OPTIONAL MATCH (h)-[:TOOK]->(j:Journey)
RETURN h.household_id AS household, j.journey_id AS journey_id, j.event_id AS event_id, j.zip_code AS zip_code
