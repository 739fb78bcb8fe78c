"""What is known of how vehicles behave, from what they did here."""
