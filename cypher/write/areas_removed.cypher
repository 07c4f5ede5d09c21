// purpose: remove areas without a journey; one that has journeys loses its figures only
// params: batch
// returns: nothing
UNWIND $batch.rows AS row
MATCH (a:Area {event_id: row.event_id, zip_code: row.zip_code})
REMOVE a.fingerprint, a.journeys, a.conversions, a.value, a.touches, a.unattributed
WITH a
WHERE NOT EXISTS { (a)<-[:IN]-(:Journey) }
DETACH DELETE a
