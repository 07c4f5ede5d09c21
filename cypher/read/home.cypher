// purpose: a household at a time with its home, persons, identifiers and evidence; an old id is followed to what it became
// params: household_id, at
// returns: household_id, property_id, address, zip_code, lives_from, lives_to, confidence, members, records, identifiers,
//          evidence, likely, first_seen; likely: the best homes of a cookie where none stood out
MATCH (:Household {household_id: $household_id})-[:MERGED_INTO*0..]->(h:Household)
WHERE h.retired_run IS NULL
WITH h LIMIT 1
CALL (h) {
  OPTIONAL MATCH (h)-[l:LIVES_AT]->(p:Property)
  RETURN p, l
  ORDER BY (l.from IS NULL OR l.from <= $at) AND (l.to IS NULL OR $at < l.to) DESC, l.from DESC, p.property_id
  LIMIT 1
}
CALL (h) {
  MATCH (h)<-[m:MEMBER_OF]-(n:Person)
  WHERE (m.from IS NULL OR m.from <= $at) AND (m.to IS NULL OR $at < m.to)
  WITH n, m, COUNT { (n)<-[:RESOLVES_TO]-(:Record) } AS records
  ORDER BY records DESC, n.person_id
  RETURN collect({person_id: n.person_id, name: n.name, confidence: m.confidence, records: records}) AS members
}
CALL (h) {
  MATCH (h)<-[:MEMBER_OF]-(:Person)<-[r:RESOLVES_TO]-(record:Record)
  RETURN r, record
  UNION
  MATCH (h)<-[r:RESOLVES_TO]-(record:Record)
  RETURN r, record
}
WITH h, p, l, members, r, record
WHERE (r.from IS NULL OR r.from <= $at) AND (r.to IS NULL OR $at < r.to)
WITH h, p, l, members, avg(r.confidence) AS confidence, collect(DISTINCT record) AS records
CALL (records) {
  UNWIND records AS record
  MATCH (record)-[seen:HAS]->(i:Identifier)
  WITH i, collect(DISTINCT record.feed) AS feeds, min(seen.first_seen) AS first
  ORDER BY i.key
  RETURN collect({key: i.key, is_shared: i.is_shared, feeds: feeds})[..200] AS identifiers, min(first) AS first_seen
}
CALL (records) {
  UNWIND records AS record
  MATCH (record)-[m:MATCHES]->(other)
  WHERE other IN records
  WITH record, m, other
  ORDER BY m.weight DESC, record.record, other.record
  RETURN collect({left: record.record, right: other.record, probability: m.probability, weight: m.weight,
                  evidence: m.evidence})[..200] AS evidence
}
CALL (records, p) {
  UNWIND records AS record
  MATCH (record)-[c:CANDIDATE]->(home:Property)
  WHERE p IS NULL
  WITH home, max(c.probability) AS probability
  ORDER BY probability DESC, home.property_id
  RETURN collect({property_id: home.property_id, address: home.address, probability: probability})[..200] AS likely
}
RETURN h.household_id AS household_id, p.property_id AS property_id, p.address AS address, p.zip_code AS zip_code,
       l.from AS lives_from, l.to AS lives_to, confidence, members, size(records) AS records, identifiers,
       evidence, likely, first_seen
