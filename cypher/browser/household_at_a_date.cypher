// purpose: a household as it was on a day: its persons, records, identifiers and home
// params: household_id, day
// returns: a picture of the household
MATCH (h:Household {household_id: $household_id})
OPTIONAL MATCH members = (h)<-[m:MEMBER_OF]-(:Person)<-[r:RESOLVES_TO]-(one:Record)
WHERE coalesce(m.from <= localdatetime($day), true) AND coalesce(localdatetime($day) < m.to, true)
  AND coalesce(r.from <= localdatetime($day), true) AND coalesce(localdatetime($day) < r.to, true)
OPTIONAL MATCH held = (one)-[:HAS]->(:Identifier)
OPTIONAL MATCH knocks = (h)<-[d:RESOLVES_TO]-(other:Record)
WHERE coalesce(d.from <= localdatetime($day), true) AND coalesce(localdatetime($day) < d.to, true)
OPTIONAL MATCH shown = (other)-[:HAS]->(:Identifier)
OPTIONAL MATCH home = (h)-[l:LIVES_AT]->(:Property)
WHERE coalesce(l.from <= localdatetime($day), true) AND coalesce(localdatetime($day) < l.to, true)
RETURN h, members, held, knocks, shown, home
LIMIT 300
