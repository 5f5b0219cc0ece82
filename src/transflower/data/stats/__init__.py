"""What a folder of features holds: measured sequence by sequence, as text, and as a page with charts."""
