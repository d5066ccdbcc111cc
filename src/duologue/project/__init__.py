"""An assistant's folder becomes an `AssistantDefinition`; what is wrong with it becomes problems at `file:line`.

Only here is YAML read.
"""
