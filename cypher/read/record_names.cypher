// purpose: the names that some records had when they were written last
// params: records
// returns: record, given, surname
MATCH (r:Record)
WHERE r.record IN $records
RETURN r.record AS record, r.given AS given, r.surname AS surname
