"""Flows: their definitions, conditions, stock repair patterns, and the machine that names the next step.

No input or output: values in, values out.
"""
