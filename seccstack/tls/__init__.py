"""TLS as a bystander reads it: records, handshakes, alerts; with secrets, what they protect."""
