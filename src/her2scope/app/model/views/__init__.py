"""View models: results turned into text, colours and enabled flags; pure functions to frozen data."""
