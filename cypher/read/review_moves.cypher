// purpose: what goes where its records go: their touches, and the journeys, conversions and credit that these are in
// params: records
// returns: touches, journeys, conversions, credit
UNWIND $records AS record
MATCH (:Record {record: record})<-[:BY]-(t:Touch)
OPTIONAL MATCH (t)<-[s:HAS_TOUCH]-(j:Journey)
RETURN count(DISTINCT t) AS touches, count(DISTINCT j) AS journeys,
       count(DISTINCT CASE WHEN j.converted THEN j END) AS conversions, sum(coalesce(s.credit, 0.0)) AS credit
