"""From folders of recordings to folders of features."""
