// purpose: households that the last change, by a run or by a steward, made, changed or retired
// params: none
// returns: household_id, what, surname, zip_code, became
MATCH (r:Run {state: 'complete'})
WHERE r.kind IN ['resolve', 'amend'] AND r.loading_at IS NOT NULL
WITH r ORDER BY r.run_id DESC LIMIT 1
MATCH (h:Household {changed_run: r.run_id})
OPTIONAL MATCH (h)-[:MERGED_INTO]->(into:Household)
RETURN h.household_id AS household_id,
       CASE WHEN h.retired_run = r.run_id THEN 'retired' WHEN h.first_run = r.run_id THEN 'new' ELSE 'changed' END AS what,
       h.surname AS surname, h.zip_code AS zip_code, into.household_id AS became
ORDER BY what DESC, household_id
LIMIT 200
