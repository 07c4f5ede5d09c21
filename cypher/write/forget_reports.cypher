// purpose: let reports of runs not name households that are forgotten
// params: batch
// returns: nothing
UNWIND $batch.rows AS row
MATCH (r:Run)
WHERE r.report CONTAINS row.key
SET r.report = replace(r.report, row.key, row.new)
