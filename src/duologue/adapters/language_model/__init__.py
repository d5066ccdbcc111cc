"""Language models of every provider, one file each, and several of them as one."""
