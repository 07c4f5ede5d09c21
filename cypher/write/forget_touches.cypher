// purpose: let touches of people who are forgotten stay in their journeys under another id, of their household alone
// params: batch
// returns: nothing
UNWIND $batch.rows AS row
MATCH (h:Household)-[:TOOK]->(:Journey)-[:HAS_TOUCH]->(t:Touch {touch_id: row.key})
MERGE (t)-[:BY]->(h)
SET t.touch_id = row.new
REMOVE t.fingerprint
WITH t
MATCH (t)-[by:BY]->(:Record)
DELETE by
