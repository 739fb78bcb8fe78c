"""What is right and wrong around a charger: judged here, looked at by `seccstack.adapters`."""
