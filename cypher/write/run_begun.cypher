// purpose: record that a run began
// params: run, kind, at
// returns: nothing
MERGE (r:Run {run_id: $run})
SET r.kind = $kind, r.state = 'running', r.started_at = $at
