// purpose: households, ended ones too, whose id begins as asked: people type the first characters that lists show
// params: start
// returns: household_id
MATCH (h:Household)
WHERE h.household_id STARTS WITH $start
RETURN h.household_id AS household_id
ORDER BY household_id
LIMIT 3
