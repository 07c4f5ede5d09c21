// purpose: record that people were forgotten: when, and how much of each kind
// params: batch
// returns: nothing
UNWIND $batch.rows AS row
MERGE (r:Run {run_id: row.run})
SET r.kind = 'forget', r.state = 'complete', r.started_at = row.at, r.loading_at = row.at, r.finished_at = row.at,
    r.report = row.report
