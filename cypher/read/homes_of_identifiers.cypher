// purpose: the households that hold identifiers at a time, and how sure that is
// params: keys, at
// returns: key, is_shared, household_id, confidence
UNWIND $keys AS key
MATCH (i:Identifier {key: key})<-[:HAS]-(:Record)-[r:RESOLVES_TO]->(who)
WHERE (r.from IS NULL OR r.from <= $at) AND (r.to IS NULL OR $at < r.to)
OPTIONAL MATCH (who)-[m:MEMBER_OF]->(household:Household)
WHERE (m.from IS NULL OR m.from <= $at) AND (m.to IS NULL OR $at < m.to)
WITH i, r, CASE WHEN who:Household THEN who ELSE household END AS h
WHERE h IS NOT NULL AND (
  // an address is whose home it was then
  NOT EXISTS { (i)-[:AT]->(:Property)<-[:LIVES_AT]-(h) }
  OR EXISTS {
    MATCH (i)-[:AT]->(:Property)<-[l:LIVES_AT]-(h)
    WHERE (l.from IS NULL OR l.from <= $at) AND (l.to IS NULL OR $at < l.to)
  }
)
RETURN i.key AS key, i.is_shared AS is_shared, h.household_id AS household_id, max(r.confidence) AS confidence
ORDER BY key, household_id
