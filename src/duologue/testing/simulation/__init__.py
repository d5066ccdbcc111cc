"""Many servers, many clients and every kind of fault in one process, on a clock that nobody waits for.

The engine, the conversations and the assistant are the real ones; the store, the locks, the actions and time are
played. What happens follows from a seed alone, so that a run that goes wrong can be had again.
"""
