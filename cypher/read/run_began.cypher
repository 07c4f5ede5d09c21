// purpose: when a run began, and what kind it is
// params: run
// returns: run_id, kind, state, started_at
MATCH (r:Run {run_id: $run})
RETURN r.run_id AS run_id, r.kind AS kind, r.state AS state, r.started_at AS started_at
