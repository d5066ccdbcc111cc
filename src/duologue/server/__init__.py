"""The assistant server: HTTP routes, limits, graceful shutdown and the demo page.

It answers requests and knows no dialogue: a message goes through `Reception` to the assistant and comes back.
"""
