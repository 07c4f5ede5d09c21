// purpose: mark households whose journeys have to be read again
// params: rows
// returns: nothing
UNWIND $rows AS row
MATCH (h:Household {household_id: row.key})
SET h.journeys_due = true
