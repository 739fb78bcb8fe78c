"""`python -m seccstack`: the command line."""

from seccstack.cli import main

main()
