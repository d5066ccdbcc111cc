"""The command line: one file for each command, loaded when it is called; it composes the rooms below.

Nothing in this room decides anything about a conversation.
"""
