"""Pictures of graphs, python -m ref graph: from a GraphDef to layers and what moves, laid out by Graphviz."""
