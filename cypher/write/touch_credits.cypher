// purpose: set the published credit of touches in their journeys, or take it off (null)
// params: batch
// returns: written
UNWIND $batch.rows AS row
MATCH (:Journey {event_id: row.event_id})-[s:HAS_TOUCH]->(:Touch {touch_id: row.touch_id})
SET s.credit = row.credit
RETURN count(*) AS written
