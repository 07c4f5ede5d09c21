// purpose: all touches and conversions in a storm of households, by whom, as journeys are read from them
// params: households
// returns: household, person, record, trace_id, is_conversion, at, event_id, channel, play_id, value
UNWIND $households AS household_id
MATCH (h:Household {household_id: household_id})
CALL (h) {
  MATCH (h)<-[m:MEMBER_OF]-(p:Person)<-[r:RESOLVES_TO]-(record:Record)<-[:BY]-(x)
  WHERE (m.from IS NULL OR m.from <= x.at) AND (m.to IS NULL OR x.at < m.to)
    AND (r.from IS NULL OR r.from <= x.at) AND (r.to IS NULL OR x.at < r.to)
  RETURN x, record, p.person_id AS person
  UNION ALL
  MATCH (h)<-[r:RESOLVES_TO]-(record:Record)<-[:BY]-(x)
  WHERE (r.from IS NULL OR r.from <= x.at) AND (r.to IS NULL OR x.at < r.to)
  RETURN x, record, null AS person
  UNION ALL
  MATCH (h)<-[:BY]-(x) // of somebody who was forgotten
  RETURN x, null AS record, null AS person
}
WITH household_id, x, record, person
WHERE x.event_id IS NOT NULL
RETURN household_id AS household, person, record.record AS record, coalesce(x.touch_id, x.conversion_id) AS trace_id,
       x:Conversion AS is_conversion, toString(x.at) AS at, x.event_id AS event_id, x.channel AS channel,
       x.play_id AS play_id, x.value AS value
