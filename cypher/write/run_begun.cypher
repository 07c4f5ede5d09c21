// purpose: record that a run began; one that was killed before it is not running any more
// params: run, kind, at
// returns: nothing
CALL () {
  MATCH (killed:Run)
  WHERE killed.state IN ['running', 'loading'] AND killed.run_id <> $run
  SET killed.state = 'failed', killed.report = '{"failed": "it was killed before its end"}'
}
MERGE (r:Run {run_id: $run})
SET r.kind = $kind, r.state = 'running', r.started_at = $at
