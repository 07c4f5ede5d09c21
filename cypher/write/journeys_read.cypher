// purpose: take the mark off households whose journeys have just been read
// params: rows
// returns: nothing
UNWIND $rows AS row
MATCH (h:Household {household_id: row.household_id})
REMOVE h.journeys_due
