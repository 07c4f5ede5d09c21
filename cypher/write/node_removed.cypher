// purpose: remove nodes of one label with all their relationships
// params: rows
// returns: nothing
UNWIND $rows AS row
MATCH (n:<label> {<key>: row.key})
DETACH DELETE n
