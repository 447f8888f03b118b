"""Packages, so that a folder named like an installed package (datasets, notebook) does not hide it."""
