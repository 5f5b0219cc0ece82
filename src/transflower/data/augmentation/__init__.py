"""Changes of training windows at random: every epoch meets other ones of the same recordings."""
