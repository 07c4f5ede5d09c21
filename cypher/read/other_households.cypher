// purpose: households that records in doubt could belong to instead: at a home they may have come from, or that their evidence points to
// params: sure
// returns: record, household, other, probability
MATCH (r:Record)-[m:RESOLVES_TO]->(x)
WHERE EXISTS { (r)<-[:BY]-() } AND NOT EXISTS { (r)-[:HAS]->(:Address) }
CALL (x) {
  WITH x WHERE x:Household
  RETURN x AS h
  UNION
  MATCH (x)-[:MEMBER_OF]->(h:Household)
  RETURN h
}
WITH r, m, h
WHERE m.confidence < $sure OR h.records = 1
CALL (r) {
  MATCH (r)-[c:CANDIDATE]->(p:Property)
  CALL (r, p) {
    MATCH (p)<-[l:LIVES_AT]-(there:Household)
    WHERE (l.from IS NULL OR l.from <= r.last_seen) AND (l.to IS NULL OR r.last_seen < l.to)
    RETURN there
    ORDER BY there.records DESC, there.household_id
    LIMIT 1
  }
  RETURN there AS o, c.probability AS probability
  UNION ALL
  MATCH (r)-[e:MATCHES]-(:Record)-[:RESOLVES_TO]->(o:Household)
  RETURN o, e.probability AS probability
  UNION ALL
  MATCH (r)-[e:MATCHES]-(:Record)-[:RESOLVES_TO]->(:Person)-[:MEMBER_OF]->(o:Household)
  RETURN o, e.probability AS probability
}
WITH r, h, o, max(probability) AS probability
WHERE o <> h
RETURN r.record AS record, h.household_id AS household, o.household_id AS other, probability
