"""Tools for developers; nothing in ``seccstack`` imports them."""
