// purpose: remove the journeys of households that are read again in the same transaction
// params: batch
// returns: nothing
UNWIND $batch.rows AS row
MATCH (h:Household {household_id: row.household_id})
WITH h // or a plan made while there were no journeys yet looks through all of them, household by household
MATCH (h)-[:TOOK]->(j)
CALL (j) { MATCH (j)-[:HAS_TOUCH]->(:Touch)-[n:NEXT {journey_id: j.journey_id}]->(:Touch) DELETE n }
DETACH DELETE j
