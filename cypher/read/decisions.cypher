// purpose: all verdicts of stewards
// params: none
// returns: id, left_id, right_id, verdict, by, at, reason, supersedes
MATCH (d:Decision)
RETURN d.decision_id AS id, d.left_id AS left_id, d.right_id AS right_id, d.verdict AS verdict, d.by AS by,
       d.at AS at, d.reason AS reason, d.supersedes AS supersedes
ORDER BY at, id
