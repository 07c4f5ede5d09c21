// purpose: record how a run ended; the state becomes complete last, so that readers follow complete runs only
// params: run, state, at, report
// returns: nothing
MATCH (r:Run {run_id: $run})
SET r.report = $report, r.finished_at = $at, r.state = $state
