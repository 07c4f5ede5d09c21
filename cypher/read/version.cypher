// purpose: which run wrote the graph last, whether it completed or not
// params: none
// returns: run_id
MATCH (r:Run)
WHERE r.loading_at IS NOT NULL
RETURN r.run_id AS run_id
ORDER BY r.loading_at DESC, r.run_id DESC
LIMIT 1
