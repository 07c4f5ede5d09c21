// purpose: records that belong to their household less surely than asked, but for those that a verdict in force is about and those at the surest address of the household, which is where it lives
// params: sure
// returns: record, household, person, confidence, carries_person
MATCH (r:Record)-[m:RESOLVES_TO]->(x)
WHERE m.confidence < $sure AND EXISTS { (r)<-[:BY]-() } AND NOT EXISTS {
  MATCH (r)<-[:ABOUT]-(d:Decision)
  WHERE d.verdict IN ['same', 'different'] AND d.needs_second IS NULL
    AND (d.ended_at IS NULL OR d.ended_at > localdatetime({timezone: 'UTC'}))
    AND NOT EXISTS { MATCH (later:Decision) WHERE later.supersedes = d.decision_id }
}
CALL (x) {
  WITH x WHERE x:Household
  RETURN x AS h, null AS person
  UNION
  MATCH (x)-[:MEMBER_OF]->(h:Household)
  RETURN h, x.person_id AS person
}
WITH r, m.confidence AS confidence, x, h, person, EXISTS { (r)-[:HAS]->(:Address) } AS addressed
WHERE NOT addressed
   OR EXISTS {
     MATCH (h)<-[:MEMBER_OF]-(:Person)<-[o:RESOLVES_TO]-(:Record)-[:HAS]->(:Address) WHERE o.confidence > confidence
   }
   OR EXISTS { MATCH (h)<-[o:RESOLVES_TO]-(:Record)-[:HAS]->(:Address) WHERE o.confidence > confidence }
RETURN r.record AS record, h.household_id AS household, person, confidence,
       addressed AND person IS NOT NULL
         AND NOT EXISTS { MATCH (x)<-[o:RESOLVES_TO]-(:Record)-[:HAS]->(:Address) WHERE o.confidence > confidence }
         AS carries_person
