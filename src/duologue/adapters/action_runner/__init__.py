"""Where custom actions run when not in this process."""
