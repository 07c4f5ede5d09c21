// purpose: why the records of a household are together: the evidence between them, the weakest that holds it first
// params: household_id
// returns: left, right, probability, weight, holds, evidence
MATCH (h:Household {household_id: $household_id})
CALL (h) {
  MATCH (h)<-[:MEMBER_OF]-(:Person)<-[:RESOLVES_TO]-(r:Record) RETURN r
  UNION
  MATCH (h)<-[:RESOLVES_TO]-(r:Record) RETURN r
}
WITH collect(r) AS records
UNWIND records AS a
MATCH (a)-[m:MATCHES]->(b:Record)
WHERE b IN records
RETURN a.record AS left, b.record AS right, m.probability AS probability, m.weight AS weight, m.spans AS holds,
       m.evidence AS evidence
ORDER BY holds DESC, weight, left, right
LIMIT 200
