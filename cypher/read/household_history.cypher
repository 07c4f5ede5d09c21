// purpose: what became of a household from its first run on: merges, splits, returns, verdicts on its records and identifiers, the last change
// params: household_id
// returns: at, run, what, other, by, reason
MATCH (h:Household {household_id: $household_id})
CALL (h) {
  MATCH (r:Run)
  WHERE r.run_id IN [h.first_run, h.changed_run, h.retired_run]
  RETURN r.started_at AS at, r.run_id AS run, null AS other, null AS by, null AS reason,
         CASE r.run_id WHEN h.first_run THEN 'made' WHEN h.retired_run THEN 'ended' ELSE 'changed' END AS what
  UNION
  MATCH (h)-[l:MERGED_INTO|WAS_MERGED_INTO]->(o:Household)
  RETURN l.at AS at, l.run AS run, o.household_id AS other, null AS by, null AS reason, 'merged into' AS what
  UNION
  MATCH (h)<-[l:MERGED_INTO|WAS_MERGED_INTO]-(o:Household)
  RETURN l.at AS at, l.run AS run, o.household_id AS other, null AS by, null AS reason, 'took in' AS what
  UNION
  MATCH (h)-[l:WAS_MERGED_INTO]->(o:Household)
  RETURN l.ended_at AS at, l.ended_run AS run, o.household_id AS other, null AS by, null AS reason, 'lives again' AS what
  UNION
  MATCH (h)-[l:SPLIT_FROM]->(o:Household)
  RETURN l.at AS at, l.run AS run, o.household_id AS other, null AS by, null AS reason, 'split from' AS what
  UNION
  MATCH (h)<-[l:SPLIT_FROM]-(o:Household)
  RETURN l.at AS at, l.run AS run, o.household_id AS other, null AS by, null AS reason, 'gave up' AS what
  UNION
  MATCH (h)<-[:MEMBER_OF|RESOLVES_TO*1..2]-(:Record)-[:HAS*0..1]->(:Record|Identifier)<-[:ABOUT]-(d:Decision)
  RETURN d.at AS at, null AS run, d.left_id + ' · ' + d.right_id AS other,
         d.by + coalesce(', restored by ' + d.restored_by, '') AS by, d.reason AS reason, d.verdict AS what
}
RETURN at, run, what, other, by, reason
ORDER BY at, what, other
LIMIT 1000
