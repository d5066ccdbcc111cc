"""What an action server promises, over HTTP and gRPC: `python -m duologue.testing.conformance.actions --http URL`."""
