// purpose: every id ever given to a household or person, with the record key it was born of
// params: none
// returns: level, id, birth_key, generation
MATCH (n:Household)
RETURN 'household' AS level, n.household_id AS id, n.birth_key AS birth_key, n.generation AS generation
UNION ALL
MATCH (n:Person)
RETURN 'person' AS level, n.person_id AS id, n.birth_key AS birth_key, n.generation AS generation
