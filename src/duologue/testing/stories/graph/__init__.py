"""Stories as a graph: what follows what, drawn as one page."""
