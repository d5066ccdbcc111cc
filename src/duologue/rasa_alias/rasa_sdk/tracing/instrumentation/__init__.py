"""Puts spans around the methods of existing classes."""
