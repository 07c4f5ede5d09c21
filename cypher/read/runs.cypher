// purpose: runs, the latest first
// params: limit
// returns: run_id, kind, state, started_at, finished_at
MATCH (r:Run)
RETURN r.run_id AS run_id, r.kind AS kind, r.state AS state, r.started_at AS started_at, r.finished_at AS finished_at
ORDER BY run_id DESC
LIMIT $limit
