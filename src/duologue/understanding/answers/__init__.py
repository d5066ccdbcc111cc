"""Typed answers to the question just asked: one recogniser for each kind of value."""
