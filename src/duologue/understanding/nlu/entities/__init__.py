"""The sequence labeller: which pieces of a text are entities, learned from marked examples."""
