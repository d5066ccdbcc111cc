"""The JSON the world sees: events, commands, messages, the tracker and the snapshot of a state.

Values to JSON and back, without any I/O; only here do the public spellings of our words live.
"""
