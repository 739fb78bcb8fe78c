"""DIN SPEC 70121, the charger's side."""
