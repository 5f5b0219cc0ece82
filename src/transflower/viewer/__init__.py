"""The page: dances in 3-D with their song, as one HTML file that needs nothing else."""

from transflower.viewer.page import page_html, write_page
from transflower.viewer.shown_dance import MarkedStretch, ShownDance

__all__ = ["MarkedStretch", "ShownDance", "page_html", "write_page"]
