"""What every room shares: options, spans, errors, atomic files, seeds, progress. Imports nothing of ours."""
