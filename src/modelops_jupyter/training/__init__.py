"""Training: settings, the tiny model, and the pipeline that turns rows into weights."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
