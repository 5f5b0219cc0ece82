"""What all packages share: options, spans, errors, atomic files, seeds, progress, moments. Imports nothing of ours."""
