// purpose: remove identifiers that no record shows any more
// params: batch
// returns: nothing
UNWIND $batch.rows AS row
MATCH (i:Identifier {key: row.key})
WHERE NOT EXISTS { (i)<-[:HAS]-(:Record) }
DETACH DELETE i
