"""The flight recorder without its disk: what is kept of a plug-in, and running it again."""
