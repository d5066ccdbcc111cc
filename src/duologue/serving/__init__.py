"""Processes and ports of servers: listening, workers, certificates, how to stop."""
