"""Sources of conversations: the stores of other platforms, read and never changed."""
