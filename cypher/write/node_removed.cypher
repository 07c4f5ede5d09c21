// purpose: remove nodes of one label with all their relationships
// params: batch
// returns: nothing
UNWIND $batch.rows AS row
MATCH (n:<label> {<key>: row.key})
DETACH DELETE n
