"""Metrics against truth, and benchmarks."""
