"""The nucleus detector: network, weights, prediction and training; the only home of torch."""
