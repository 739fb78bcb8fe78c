"""Recordings of our own runs, made anew: in a simulated world, and with another's programs."""
