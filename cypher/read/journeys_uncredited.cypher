// purpose: converting journeys whose touches' credits do not sum to 1, by storm, where a model is published
// params: model, closed
// returns: event_id, journeys
MATCH (c:Credit {zip_code: 'ALL', dimension: 'channel', model: $model})
WHERE NOT c.event_id IN $closed
WITH DISTINCT c.event_id AS event_id
MATCH (j:Journey {event_id: event_id, converted: true})
WITH event_id, j, reduce(total = 0.0, part IN [(j)-[s:HAS_TOUCH]->() | s.credit] | total + coalesce(part, 0.0)) AS credit
WHERE abs(credit - 1.0) > 1e-9
RETURN event_id, count(*) AS journeys
ORDER BY event_id
