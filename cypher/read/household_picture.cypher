// purpose: a household as it is drawn: homes, records by person, what they hold, the evidence between them, its journeys; an old id is followed
// params: household_id, most
// returns: household_id, homes, records, holdings, evidence, journeys, left_out
MATCH (:Household {household_id: $household_id})-[:MERGED_INTO*0..]->(h:Household)
WHERE h.retired_run IS NULL
WITH h LIMIT 1
CALL (h) {
  OPTIONAL MATCH (h)-[l:LIVES_AT]->(p:Property)
  WITH l, p ORDER BY coalesce(l.from, localdatetime('0001-01-01T00:00')), p.property_id
  RETURN collect(CASE WHEN p IS NOT NULL THEN {address: p.address, start: l.from, end: l.to} END) AS homes
}
CALL (h) {
  MATCH (h)<-[m:MEMBER_OF]-(n:Person)<-[r:RESOLVES_TO]-(record:Record)
  RETURN record, n.person_id AS person, n.name AS name, coalesce(r.from, m.from) AS start, coalesce(r.to, m.to) AS end
  UNION
  MATCH (h)<-[r:RESOLVES_TO]-(record:Record)
  RETURN record, null AS person, null AS name, r.from AS start, r.to AS end
}
WITH h, homes, record, person, name, start, end
ORDER BY record.record, end DESC, person
WITH h, homes, record, head(collect({person: person, name: name, start: start, end: end})) AS last
ORDER BY record.first_seen, record.record
WITH h, homes, collect({record: record, last: last}) AS found
WITH h, homes, size(found) AS total, found[..$most] AS found
WITH h, homes, total, found, [one IN found | one.record] AS records
CALL (records) {
  UNWIND records AS record
  MATCH (record)-[:HAS]->(i:Identifier)
  WITH record.record AS record, i ORDER BY record, i.key
  RETURN collect({record: record, key: i.key, is_shared: coalesce(i.is_shared, false)}) AS holdings
}
CALL (records) {
  UNWIND records AS record
  MATCH (record)-[m:MATCHES]->(other:Record)
  WHERE other IN records
  WITH record, m, other ORDER BY m.weight DESC, record.record, other.record
  RETURN collect({left: record.record, right: other.record, probability: m.probability, weight: m.weight,
                  spans: coalesce(m.spans, false), evidence: m.evidence}) AS evidence
}
CALL (h) {
  MATCH (h)-[:TOOK]->(j:Journey)
  WITH j ORDER BY j.started_at DESC, j.event_id LIMIT 6
  CALL (j) {
    MATCH (j)-[s:HAS_TOUCH]->(t:Touch)
    WITH s, t ORDER BY s.position LIMIT $most
    RETURN collect({at: t.at, channel: t.channel, play: t.play_id, credit: s.credit}) AS touches
  }
  OPTIONAL MATCH (j)-[:ENDED_IN]->(c:Conversion)
  WITH j, touches, c ORDER BY j.started_at, j.event_id
  RETURN collect({event_id: j.event_id, zip_code: j.zip_code, touches: touches, converted_at: c.at,
                  conversion: c.kind}) AS journeys
}
RETURN h.household_id AS household_id, homes,
       [one IN found | {record: one.record.record, feed: one.record.feed, first_seen: one.record.first_seen,
                        last_seen: one.record.last_seen, person: one.last.person, name: one.last.name,
                        start: one.last.start, end: one.last.end}] AS records,
       holdings, evidence, journeys, total - size(found) AS left_out
