// purpose: the last complete run of a kind, and whether a later one of that kind began to write and did not complete
// params: kind
// returns: run_id, broken
MATCH (r:Run {kind: $kind})
WHERE r.state = 'complete' OR r.loading_at IS NOT NULL
WITH r ORDER BY r.run_id DESC
WITH collect(r) AS runs
RETURN head([r IN runs WHERE r.state = 'complete' | r.run_id]) AS run_id, coalesce(head(runs).state <> 'complete', false) AS broken
