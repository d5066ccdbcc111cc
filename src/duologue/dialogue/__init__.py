"""One turn: what was understood becomes events, the flows choose, the chosen is performed, until it is time to listen."""
