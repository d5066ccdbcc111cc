"""Spans and the trace context that travels with calls; what exports them is loaded only where it is set up."""
