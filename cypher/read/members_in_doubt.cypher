// purpose: records that belong to their household less surely than asked, but for those at the surest address of the household, which is where it lives
// params: sure
// returns: record, household, person, confidence, carries_person
MATCH (r:Record)-[m:RESOLVES_TO]->(x)
WHERE m.confidence < $sure AND EXISTS { (r)<-[:BY]-() }
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
