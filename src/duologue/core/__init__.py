"""The words everyone uses: messages, events, commands, slots, stack, state, tracker, domain, ids and errors.

Values only: nothing here reads a file, opens a socket or knows another room.
"""
