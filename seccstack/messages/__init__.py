"""The V2G messages, declared once each."""
