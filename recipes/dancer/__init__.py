"""Songs and dances that a dancer for any music learns from; ``python -m recipes.dancer --help``."""
