"""What every layer may use: errors, geometry, the frame."""
