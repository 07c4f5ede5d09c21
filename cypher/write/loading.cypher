// purpose: say that a run begins to change the graph
// params: run, at
// returns: nothing
MERGE (r:Run {run_id: $run})
SET r.state = 'loading', r.loading_at = $at
