// purpose: the homes of households, each with its time
// params: households
// returns: household, property_id, zip_code, persona, valid_from, valid_to
UNWIND $households AS household_id
MATCH (:Household {household_id: household_id})-[l:LIVES_AT]->(p:Property)
RETURN household_id AS household, p.property_id AS property_id, p.zip_code AS zip_code, p.persona AS persona,
       toString(l.from) AS valid_from, toString(l.to) AS valid_to
