// purpose: name households after those who are left, until the next resolve writes them anew
// params: batch
// returns: nothing
UNWIND $batch.rows AS row
MATCH (h:Household {household_id: row.key})
CALL (h) {
  OPTIONAL MATCH (h)<-[:MEMBER_OF]-(p:Person)
  WHERE p.surname IS NOT NULL
  RETURN p.surname AS surname
  ORDER BY surname
  LIMIT 1
}
SET h.surname = surname, h.fingerprint = 0
