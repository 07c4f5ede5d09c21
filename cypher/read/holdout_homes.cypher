// purpose: the homes of the ZIP codes in which homes are held out, each once however often it is listed
// params: none
// returns: property_id, zip_code, control
MATCH (held:Property {control: true})
WHERE held.zip_code IS NOT NULL
WITH collect(DISTINCT held.zip_code) AS zips
MATCH (p:Property)
WHERE p.zip_code IN zips AND p.same_as IS NULL
RETURN p.property_id AS property_id, p.zip_code AS zip_code, coalesce(p.control, false) AS control
