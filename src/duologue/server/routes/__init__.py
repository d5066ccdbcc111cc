"""The server's routes, one file per group; each makes its routes from what it serves."""
