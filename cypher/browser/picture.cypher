// purpose: a picture of one household that converted, with its journey, to begin with
// params: none
// returns: a picture
MATCH (h:Household)-[:TOOK]->(j:Journey {converted: true})
WITH h, j LIMIT 1
MATCH steps = (h)-[:TOOK]->(j)-[:HAS_TOUCH|ENDED_IN|IN]->()
OPTIONAL MATCH people = (h)<-[:MEMBER_OF]-(:Person)<-[:RESOLVES_TO]-(:Record)-[:HAS]->(:Identifier)
OPTIONAL MATCH home = (h)-[:LIVES_AT]->(:Property)
RETURN steps, people, home
LIMIT 200
