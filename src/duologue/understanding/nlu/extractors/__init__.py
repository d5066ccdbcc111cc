"""Components that find entities without learning them from sentences: by tables, by rules, by a library."""
