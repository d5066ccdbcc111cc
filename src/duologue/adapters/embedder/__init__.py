"""Embedders of every provider, one file each."""
