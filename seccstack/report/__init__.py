"""Sessions as one self-contained page: what it shows as data, and the page that shows it."""
