"""The only code that touches a socket, a clock, a disk, entropy or the event loop."""
