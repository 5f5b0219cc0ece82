"""Pickles of arrays and of data frames, as data sets are published; nothing that they name is ever run."""
