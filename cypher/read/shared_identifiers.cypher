// purpose: identifiers that are shared, and those asked for, with how many records show them
// params: keys
// returns: kind, value, distinct_people, records, because, since
MATCH (i:Identifier)
WHERE i.is_shared = true OR i.key IN $keys
RETURN split(i.key, ':')[0] AS kind, i.value AS value, i.distinct_people AS distinct_people,
       COUNT { (i)<-[:HAS]-(:Record) } AS records,
       CASE WHEN i.is_shared THEN i.shared_because END AS because, i.shared_since AS since
ORDER BY kind, value
