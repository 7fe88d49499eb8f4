"""Pictures of graphs: python -m ref graph. From a GraphDef: what each op is, layers, what moves; laid out by Graphviz."""
