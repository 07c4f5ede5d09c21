// purpose: let households or persons not say of which record they were born, where that is forgotten
// params: batch
// returns: nothing
WITH [row IN $batch.rows | row.key] AS gone
MATCH (n:<label>)
WHERE n.birth_key IN gone
SET n.birth_key = head([row IN $batch.rows WHERE row.key = n.birth_key | row.new]),
    n.fingerprint = CASE WHEN n.fingerprint IS NULL THEN null ELSE 0 END
