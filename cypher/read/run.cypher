// purpose: the report of a run, or of the latest one
// params: run
// returns: run_id, report
MATCH (r:Run)
WHERE r.run_id = $run OR ($run = 'last' AND r.report IS NOT NULL)
RETURN r.run_id AS run_id, r.report AS report
ORDER BY run_id DESC
LIMIT 1
