"""Tracker stores: where conversations are kept."""
