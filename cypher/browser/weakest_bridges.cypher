// purpose: households that the weakest evidence holds together, the weakest first: where a wrong merge would be
// params: none
// returns: household_id, records, left, right, probability, weight, evidence
MATCH (a:Record)-[m:MATCHES {spans: true}]->(b:Record)
WITH a, m, b ORDER BY m.weight, a.record, b.record LIMIT 400
MATCH (a)-[:RESOLVES_TO|MEMBER_OF*1..2]->(h:Household)
WHERE EXISTS { (b)-[:RESOLVES_TO|MEMBER_OF*1..2]->(h) }
RETURN DISTINCT h.household_id AS household_id, h.records AS records, a.record AS left, b.record AS right,
       m.probability AS probability, m.weight AS weight, m.evidence AS evidence
ORDER BY weight, household_id, left, right
LIMIT 100
