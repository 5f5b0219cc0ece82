"""Scripts that make again what the package ships: ``python -m recipes.NAME``; they are no part of the package."""
