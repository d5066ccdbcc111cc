"""`python -m duologue` is the command line."""

from duologue.cli.main import main

main()
