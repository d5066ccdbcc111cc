"""Several processes on one port: the parent, its crew of workers, and what they say to each other."""
