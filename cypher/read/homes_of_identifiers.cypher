// purpose: the households that hold identifiers at a time, how sure that is, and when their own records showed them
// params: asked, at
// returns: key, is_shared, household_id, has_home, confidence, first_seen, last_seen
// The keys come inside a map, so that one plan serves any number of them. When a shared identifier was seen nobody asks,
// and to send that for thousands of records takes half of the time.
UNWIND $asked.keys AS key
MATCH (i:Identifier {key: key})<-[seen:HAS]-(:Record)-[r:RESOLVES_TO]->(who)
WHERE (r.from IS NULL OR r.from <= $at) AND (r.to IS NULL OR $at < r.to)
  // a cookie of one home after another leads from the email of each to that home alone
  AND coalesce(r.from <= seen.last_seen, true) AND coalesce(seen.first_seen < r.to, true)
OPTIONAL MATCH (who)-[m:MEMBER_OF]->(household:Household)
WHERE (m.from IS NULL OR m.from <= $at) AND (m.to IS NULL OR $at < m.to)
WITH i, r, CASE WHEN r.from IS NULL AND r.to IS NULL AND NOT i.is_shared THEN seen END AS own,
     CASE WHEN who:Household THEN who ELSE household END AS h
WHERE h IS NOT NULL AND (
  // an address is whose home it was then
  NOT i:Address
  OR NOT EXISTS { (i)-[:AT]->(:Property)<-[:LIVES_AT]-(h) }
  OR EXISTS {
    MATCH (i)-[:AT]->(:Property)<-[l:LIVES_AT]-(h)
    WHERE (l.from IS NULL OR l.from <= $at) AND (l.to IS NULL OR $at < l.to)
  }
)
RETURN i.key AS key, i.is_shared AS is_shared, h.household_id AS household_id,
       EXISTS { (h)-[:LIVES_AT]->(:Property) } AS has_home, max(r.confidence) AS confidence,
       min(own.first_seen) AS first_seen, max(own.last_seen) AS last_seen
ORDER BY key, household_id
