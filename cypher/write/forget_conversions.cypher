// purpose: let conversions of people who are forgotten end their journeys under another id, of their household alone
// params: batch
// returns: nothing
UNWIND $batch.rows AS row
MATCH (h:Household)-[:TOOK]->(:Journey)-[:ENDED_IN]->(c:Conversion {conversion_id: row.key})
MERGE (c)-[:BY]->(h)
SET c.conversion_id = row.new
REMOVE c.fingerprint
WITH c
MATCH (c)-[by:BY]->(:Record)
DELETE by
