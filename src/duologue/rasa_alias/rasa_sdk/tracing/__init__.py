"""Spans of the action server and of custom actions."""
