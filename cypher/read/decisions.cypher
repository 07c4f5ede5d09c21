// purpose: all verdicts of stewards
// params: none
// returns: id, left_id, right_id, verdict, by, at, reason, supersedes, level, left_fingerprint, right_fingerprint, score, model, until, needs_second, confirms, restored_by
MATCH (d:Decision)
RETURN d.decision_id AS id, d.left_id AS left_id, d.right_id AS right_id, d.verdict AS verdict, d.by AS by,
       d.at AS at, d.reason AS reason, d.supersedes AS supersedes, coalesce(d.level, 'household') AS level,
       d.left_fingerprint AS left_fingerprint, d.right_fingerprint AS right_fingerprint, d.score AS score,
       d.model AS model, d.ended_at AS until, coalesce(d.needs_second, false) AS needs_second, d.confirms AS confirms,
       d.restored_by AS restored_by
ORDER BY at, id
