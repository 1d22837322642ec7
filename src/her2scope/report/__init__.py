"""A finished case to files; computes nothing."""
