"""Synthetic HER2 tissue with known truth, and the optics that photograph it."""
