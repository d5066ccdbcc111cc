"""Answer questions about objects: what is there, and what one of them is like."""
