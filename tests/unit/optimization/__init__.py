"""Exported and smaller models: the same answers, or the numbers that say how far off."""
