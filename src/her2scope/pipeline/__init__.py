"""One frame to a field result, fields to a case; no Qt."""
