// purpose: remove the journeys whose household was removed by hand, as it is written again with journeys of the same ids
// params: none
// returns: nothing
MATCH (j:Journey)
WHERE NOT EXISTS { (j)<-[:TOOK]-(:Household) }
CALL (j) { MATCH (j)-[:HAS_TOUCH]->(:Touch)-[n:NEXT {journey_id: j.journey_id}]->(:Touch) DELETE n }
DETACH DELETE j
