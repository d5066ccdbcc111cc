"""Lock stores: one turn at a time for each conversation."""
