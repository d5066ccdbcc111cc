"""How well the assistant understands: reports, never gates."""
