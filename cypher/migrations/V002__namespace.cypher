// The namespace of the ids of this graph's households and persons: made once, never changed.
MERGE (g:Graph {name: 'identity'}) ON CREATE SET g.namespace = randomUUID(), g.created_at = localdatetime({timezone: "UTC"});
