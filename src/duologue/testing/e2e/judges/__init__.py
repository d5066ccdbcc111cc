"""Judges of generated replies: is a reply to the point, and does it say only what it can know?"""
