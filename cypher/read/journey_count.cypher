// purpose: how many journeys there are
// params: none
// returns: journeys
MATCH (j:Journey)
RETURN count(j) AS journeys
