"""What a text looks like to a classifier: pieces of words, patterns, and its place among meanings."""
