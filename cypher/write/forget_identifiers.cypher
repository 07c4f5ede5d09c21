// purpose: remove identifiers that no record shows any more
// params: rows
// returns: nothing
UNWIND $rows AS row
MATCH (i:Identifier {key: row.key})
WHERE NOT EXISTS { (i)<-[:HAS]-(:Record) }
DETACH DELETE i
