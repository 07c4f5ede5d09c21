// purpose: phones, emails and addresses that many people share, the widest first; they link nobody on their own
// params: none
// returns: kind, value, distinct_people, because
MATCH (i:Identifier {is_shared: true})
RETURN [l IN labels(i) WHERE l <> 'Identifier'][0] AS kind, i.value AS value, i.distinct_people AS distinct_people,
       i.shared_because AS because
ORDER BY distinct_people DESC, value
LIMIT 100
