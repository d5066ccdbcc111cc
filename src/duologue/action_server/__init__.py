"""The standalone server of a project's actions: HTTP and gRPC over one service."""
