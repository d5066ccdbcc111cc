"""Several processes on the same ports: the parent, its crew of workers, and what they say to each other."""
