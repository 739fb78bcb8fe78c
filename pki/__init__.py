"""A V2G public key infrastructure for labs: what can sign does not run on a charger."""
