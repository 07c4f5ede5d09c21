// purpose: record an applied migration
// params: version, name, checksum
// returns: nothing
MERGE (m:Migration {version: $version})
ON CREATE SET m.name = $name, m.checksum = $checksum, m.applied_at = localdatetime({timezone: "UTC"})
