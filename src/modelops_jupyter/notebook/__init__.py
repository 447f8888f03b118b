"""The notebook layer: rich display, static twins, widgets, magics."""
