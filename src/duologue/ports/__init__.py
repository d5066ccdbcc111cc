"""Every seam to the world outside the process, one file each; the promise stands in the docstrings."""
