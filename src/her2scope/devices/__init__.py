"""Cameras and pedals behind one protocol each: real ones, and simulated ones that behave like them."""
