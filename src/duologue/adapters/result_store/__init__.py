"""Results of calls that an action server remembers; how they are used is for `runtime.remembering` to know."""
