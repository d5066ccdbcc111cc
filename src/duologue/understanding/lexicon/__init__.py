"""Word lists of the languages understood without a model: data only, no logic."""
