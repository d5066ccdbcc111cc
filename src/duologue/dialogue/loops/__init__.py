"""Loops of classic assistants: forms and the two-stage fallback, which ask until they have what they need."""
