"""The microscope application: windows, view models, the bridge between threads, the composition root."""
