"""Settings read from TOML, strictly; each parameter class lives beside the function it belongs to."""
