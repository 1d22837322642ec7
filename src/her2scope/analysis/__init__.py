"""Pure functions on arrays: stain, quality, nuclei, membrane, cells, scoring, overlay."""
