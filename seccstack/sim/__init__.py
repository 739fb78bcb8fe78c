"""Simulated powerline, modem, pilot and vehicle, in virtual time."""
