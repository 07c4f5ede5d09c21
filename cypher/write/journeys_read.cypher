// purpose: take the mark off households whose journeys have just been read
// params: batch
// returns: nothing
UNWIND $batch.rows AS row
MATCH (h:Household {household_id: row.household_id})
REMOVE h.journeys_due
