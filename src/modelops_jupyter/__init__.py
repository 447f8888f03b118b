"""The notebook-native kit for the loop: curate, fine-tune, evaluate, compare, register, ship.

Importing this package imports nothing heavy; every public name is attached lazily and
declared, with its type, in `__init__.pyi`.
"""

import lazy_loader

# pyright: reportUnknownVariableType=false
# lazy_loader is untyped; the types of our names stand in __init__.pyi.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
