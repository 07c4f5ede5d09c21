// purpose: the namespace of this graph's household and person ids
// params: none
// returns: namespace
MATCH (g:Graph {name: 'identity'})
RETURN g.namespace AS namespace
