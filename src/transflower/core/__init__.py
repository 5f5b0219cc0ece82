"""What every room shares: options, spans, errors, atomic files, seeds, progress, moments. Imports nothing of ours."""
