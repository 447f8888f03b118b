"""A trained model made smaller and faster, with proof of what that costs."""

from modelops_jupyter.optimization.batcher import RequestBatcher
from modelops_jupyter.optimization.cache import InferenceCache
from modelops_jupyter.optimization.drift import Drift
from modelops_jupyter.optimization.export import export_onnx
from modelops_jupyter.optimization.quantize import quantize
from modelops_jupyter.optimization.runtime import OnnxModel
from modelops_jupyter.optimization.variants import Variant, Variants, compare_variants

__all__ = [
    "Drift", "InferenceCache", "OnnxModel", "RequestBatcher", "Variant", "Variants",
    "compare_variants", "export_onnx", "quantize",
]  # fmt: skip
