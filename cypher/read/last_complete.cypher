// purpose: the last complete run of some kinds, and whether a later one of them, of which kind, began to write and did not complete
// params: kinds
// returns: run_id, kind, broken
MATCH (r:Run)
WHERE r.kind IN $kinds AND (r.state = 'complete' OR r.loading_at IS NOT NULL)
WITH r ORDER BY r.run_id DESC
WITH collect(r) AS runs
RETURN head([r IN runs WHERE r.state = 'complete' | r.run_id]) AS run_id, head(runs).kind AS kind,
       coalesce(head(runs).state <> 'complete', false) AS broken
