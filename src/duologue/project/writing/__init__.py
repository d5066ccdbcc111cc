"""Training data and other parts of a project written as YAML, so that reading gives the same back."""
