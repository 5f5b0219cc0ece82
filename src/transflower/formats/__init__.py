"""Files of motion: one module or room for each format, each reading a ``Recording``, writing one, or both."""
