"""How quickly the application answers, measured in its own window."""
