"""The messages and the service of the gRPC protocol."""
