// Who lives at an address that no record wrote is found by how the home is listed.
CREATE INDEX property_address IF NOT EXISTS FOR (n:Property) ON (n.address);
