// purpose: the households that lived at a time in homes whose listed address begins so, and how sure their surest record is
// params: start, at
// returns: address, zip_code, household_id, confidence
MATCH (p:Property)
WHERE p.address STARTS WITH $start
MATCH (p)<-[l:LIVES_AT]-(h:Household)
WHERE (l.from IS NULL OR l.from <= $at) AND (l.to IS NULL OR $at < l.to)
CALL (h) {
  MATCH (:Record)-[r:RESOLVES_TO|MEMBER_OF*1..2]->(h)
  RETURN max(head(r).confidence) AS confidence
}
RETURN p.address AS address, p.zip_code AS zip_code, h.household_id AS household_id, confidence
ORDER BY household_id
