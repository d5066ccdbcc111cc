"""Where messages come in: a request becomes a user message, bot messages become a reply.

Values only; the web server lives in `server`, the turn in `runtime`.
"""
