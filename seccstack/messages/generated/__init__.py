"""Grammar tables and codec functions of the schemas, written by tools/generate_messages.py."""
