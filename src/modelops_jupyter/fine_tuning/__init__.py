"""Fine-tuning jobs: started from a notebook, independent of it."""

import lazy_loader

# lazy_loader is typed only in part; the types that users see stand in the stub.
# pyright: reportUnknownVariableType=false
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
