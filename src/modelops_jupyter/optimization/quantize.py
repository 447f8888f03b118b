"""Smaller weights: INT8 and INT4."""

import logging
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from modelops_jupyter._atomic import atomic_write
from modelops_jupyter._extras import require
from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter.errors import ConfigError
from modelops_jupyter.optimization.runtime import SCHEME, SUFFIX, OnnxModel

_BLOCK = 32  # weights that share a scale


def quantize(model: OnnxModel, scheme: str = "int8-dynamic", *, path: str | Path | None = None) -> OnnxModel:
    """Write a smaller version of an exported model and return it. Whether it is as good is yet to be shown.

    Parameters
    ----------
    model
        What `export_onnx` returned.
    scheme
        `"int8-dynamic"`: weights in 8 bits, and what they are multiplied with too, scaled as it comes;
        the fastest on a processor. `"int4-weight-only"`: weights in 4 bits; the smallest.
    path
        Where to put it; by default beside the model, named for the scheme, in place of an older one.

    Raises
    ------
    ConfigError
        If the scheme is unknown, or the model is not a float32 `OnnxModel`.

    Examples
    --------
    >>> small = quantize(export_onnx(model, "dates-onnx"))  # doctest: +SKIP
    >>> compare_variants(model, {"INT8": small}, test)  # doctest: +SKIP
    """
    if scheme not in _SCHEMES:
        raise ConfigError(f"There is no scheme '{scheme}'.", hint=did_you_mean(scheme, _SCHEMES))
    if not isinstance(model, OnnxModel) or model.scheme != "float32":  # pyright: ignore[reportUnnecessaryIsInstance] -- users
        text = "Only an exported model with whole weights can be quantised."
        raise ConfigError(text, hint="quantize(export_onnx(model, folder)).")
    source = model.file
    target = source.with_name(f"{source.stem}.{scheme}{SUFFIX}") if path is None else Path(path).expanduser()
    if target.suffix != SUFFIX or target.parent.resolve() != source.parent.resolve():
        raise ConfigError(
            f"A quantised graph shares the tokenizer of '{source.parent}': it must lie there and end in "
            f"'{SUFFIX}'.",
            hint="save(folder) copies it, with all it needs, to another place.",
        )
    onnx: Any = require("onnx", extra="onnx", purpose="quantise a model")
    with tempfile.TemporaryDirectory(prefix="modelops-onnx-") as made:
        rough = Path(made) / f"graph{SUFFIX}"
        root, before = logging.getLogger(), logging.getLogger().level
        root.setLevel(logging.ERROR)  # it speaks to the root of all loggers
        try:
            _SCHEMES[scheme](source, rough)
        finally:
            root.setLevel(before)
        graph = onnx.load(rough)
        onnx.helper.set_model_props(graph, {SCHEME: scheme})
        with atomic_write(target) as stream:
            stream.write(graph.SerializeToString())
    return OnnxModel(target, threads=model.threads)


def _int8(source: Path, target: Path) -> None:
    tools: Any = require("onnxruntime.quantization", extra="onnx", purpose="quantise a model")
    tools.quantize_dynamic(source, target, weight_type=tools.QuantType.QInt8, per_channel=True)


def _int4(source: Path, target: Path) -> None:
    onnx: Any = require("onnx", extra="onnx", purpose="quantise a model")
    name = "onnxruntime.quantization.matmul_nbits_quantizer"
    tools: Any = require(name, extra="onnx", purpose="quantise a model")
    made = tools.MatMulNBitsQuantizer(onnx.load(source), block_size=_BLOCK, is_symmetric=True)
    made.process()
    made.model.save_model_to_file(str(target))


_SCHEMES: dict[str, Callable[[Path, Path], None]] = {"int8-dynamic": _int8, "int4-weight-only": _int4}
