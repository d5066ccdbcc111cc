"""An assistant's understanding, measured: what users say, and the commands that it must be understood as."""
