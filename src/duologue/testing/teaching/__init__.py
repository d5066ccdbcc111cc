"""Teaching a classic assistant while talking to it: every guess is confirmed or corrected, and the result is kept."""
