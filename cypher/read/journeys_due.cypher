// purpose: households whose journeys have to be read again
// params: none
// returns: household_id
MATCH (h:Household)
WHERE h.journeys_due = true
RETURN h.household_id AS household_id
ORDER BY household_id
