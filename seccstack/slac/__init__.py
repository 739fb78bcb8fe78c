"""SLAC: finding out which EV is on our cable, and giving it the key of our network."""
