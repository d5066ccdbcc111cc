"""The fault rig: real servers under load, real faults, and a checker that counts what was lost, doubled or reordered."""
