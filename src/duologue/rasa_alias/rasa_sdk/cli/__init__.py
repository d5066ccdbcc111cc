"""The command line of the action server."""
