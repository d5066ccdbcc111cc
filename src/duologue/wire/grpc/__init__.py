"""The action protocol over gRPC: its messages, and what they mean in the JSON of the action protocol."""
