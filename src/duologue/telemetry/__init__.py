"""Spans and the trace context that travels with calls; what exports them is loaded only where it is set up.

Other rooms open spans here and never ask whether anybody listens: without tracing a span costs next to nothing.
"""
