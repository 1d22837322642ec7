"""The application without its windows: case session, autosave, view models; no Qt and no threads."""
