// purpose: mark households whose journeys have to be read again
// params: batch
// returns: nothing
UNWIND $batch.rows AS row
MATCH (h:Household {household_id: row.key})
SET h.journeys_due = true
