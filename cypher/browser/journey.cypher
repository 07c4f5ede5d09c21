// purpose: the journeys of a household, touch by touch, with what each touch earned
// params: household_id
// returns: storm, zip_code, converted, position, at, channel, play, credit
MATCH (:Household {household_id: $household_id})-[:TOOK]->(j:Journey)-[s:HAS_TOUCH]->(t:Touch)
RETURN j.event_id AS storm, j.zip_code AS zip_code, j.converted AS converted, s.position AS position, t.at AS at,
       t.channel AS channel, t.play_id AS play, s.credit AS credit
ORDER BY storm, position
LIMIT 500
