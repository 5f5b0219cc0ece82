"""How much is drawn for calibration, and at which levels and horizons it is told."""

LEVELS = (0.5, 0.8, 0.9, 0.95)
"""Central intervals whose coverage is told."""
CURVE = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
"""Central intervals of the reliability figure; ``LEVELS`` are among them."""
BINS = 20
"""Of histograms of ranks and of latents."""
HORIZONS = (0.1, 0.5, 1.0, 2.0)
"""Seconds ahead."""
SAMPLES = 50
"""Drawn for each prediction."""
POSITIONS = 480
"""Next frames that are predicted, over all recordings."""
MOMENTS = 20
"""From which samples of seconds are drawn, over all recordings; at least one of each."""
TEMPERATURES = (0.5, 0.7, 0.85, 1.0, 1.15, 1.3, 1.5)
"""Tried where no flow tells from its latents which is best."""
