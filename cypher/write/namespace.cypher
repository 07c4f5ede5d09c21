// purpose: let a graph that holds nothing yet have the namespace that a first run gave its ids
// params: namespace
// returns: nothing
MERGE (g:Graph {name: 'identity'})
SET g.namespace = $namespace
