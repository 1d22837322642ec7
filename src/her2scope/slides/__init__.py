"""Readers of field images and slides; their pixel sizes."""
