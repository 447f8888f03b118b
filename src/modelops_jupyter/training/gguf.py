"""A Llama model as a GGUF file, which llama.cpp, Ollama and LM Studio open."""

import json
import re
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path
from typing import Any

from modelops_jupyter._extras import require
from modelops_jupyter.datasets.masks import control_tokens
from modelops_jupyter.errors import ConfigError
from modelops_jupyter.training import engine, generate, models

FILE = "model.gguf"
_LAYER = {
    "input_layernorm": "attn_norm", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output", "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
}  # fmt: skip
_REST = {"model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output"}
_TAGS = re.compile(r"\{%[-+]?\s*(?:end)?generation\s*[-+]?%\}")  # only transformers knows them


def template(text: str) -> str:
    """Return a chat template without the tags that say what is trained on: only transformers knows them."""
    return _TAGS.sub("", text)


def load(file: Path) -> tuple[Any, Any]:
    """Return what transformers makes of a GGUF file: the model, in evaluation mode, and the tokenizer."""
    require("gguf", extra="gguf", purpose="read a GGUF file")
    torch, transformers = engine.torch_and_transformers("read a GGUF file")
    options: dict[str, Any] = {"gguf_file": file.name, "local_files_only": True}
    with models.no_bars(), redirect_stderr(StringIO()):  # it draws a bar of its own
        model = transformers.AutoModelForCausalLM.from_pretrained(file.parent, dtype=torch.float32, **options)
        return model.eval(), transformers.AutoTokenizer.from_pretrained(file.parent, **options)


def write(source: Path, tokenizer: Any, target: Path) -> None:
    """Write `model.gguf` with weights, tokenizer and chat template.

    Raises
    ------
    ConfigError
        If the model is no Llama, or llama.cpp would cut its texts into other tokens.
    MissingExtraError
        If the package `gguf` is not installed.
    """
    library: Any = require("gguf", extra="gguf", purpose="write a GGUF file")
    model, _ = models.load({"kind": "folder", "path": str(source)})
    shape, state = model.config, model.state_dict()
    if shape.model_type != "llama":
        raise ConfigError(
            f"GGUF is written of Llama models; this one is '{shape.model_type}'.", code="not-llama"
        )
    tokens = _tokens(tokenizer)
    target.mkdir(parents=True)
    writer = library.GGUFWriter(str(target / FILE), "llama")
    writer.add_context_length(shape.max_position_embeddings)
    writer.add_embedding_length(shape.hidden_size)
    writer.add_block_count(shape.num_hidden_layers)
    writer.add_feed_forward_length(shape.intermediate_size)
    writer.add_head_count(shape.num_attention_heads)
    writer.add_head_count_kv(shape.num_key_value_heads)
    writer.add_rope_dimension_count(shape.hidden_size // shape.num_attention_heads)
    writer.add_rope_freq_base(float(shape.rope_parameters["rope_theta"]))
    writer.add_layer_norm_rms_eps(shape.rms_norm_eps)
    writer.add_vocab_size(shape.vocab_size)
    writer.add_file_type(library.LlamaFileType.ALL_F32)
    _write_tokenizer(writer, library, tokenizer, tokens, shape.vocab_size, generate.ends(model, tokenizer))
    heads = {"attn_q": shape.num_attention_heads, "attn_k": shape.num_key_value_heads}
    for name, weight in state.items():
        if name == "lm_head.weight" and shape.tie_word_embeddings:
            continue
        ours, array = _name(name), weight.float().numpy()
        if count := heads.get(
            ours.split(".")[-2]
        ):  # the two halves that are rotated stand side by side there
            rows, columns = array.shape
            array = array.reshape(count, 2, rows // count // 2, columns).swapaxes(1, 2).reshape(rows, columns)
        writer.add_tensor(ours, array)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _name(name: str) -> str:
    stem, _, kind = name.rpartition(".")
    if match := re.fullmatch(r"model\.layers\.(\d+)\.(.+)", stem):
        return f"blk.{match[1]}.{_LAYER[match[2]]}.{kind}"
    return f"{_REST[stem]}.{kind}"


def _tokens(tokenizer: Any) -> dict[str, Any]:
    """Return the tokenizer's own description, if llama.cpp cuts texts as it does."""
    described: Any = json.loads(tokenizer.backend_tokenizer.to_str())
    steps: Any = described["pre_tokenizer"] and described["pre_tokenizer"].get("pretokenizers")
    kinds = [(step["type"], step.get("individual_digits")) for step in steps or ()]
    if described["model"]["type"] != "BPE" or kinds != [("Digits", True), ("ByteLevel", None)]:
        raise ConfigError(
            "llama.cpp would cut texts into other tokens than this tokenizer does.",
            code="tokenizer-unknown",
            hint='Use format="merged" and llama.cpp\'s own converter.',
        )
    return described["model"]


def _write_tokenizer(
    writer: Any, library: Any, tokenizer: Any, tokens: dict[str, Any], size: int, ends: list[int]
) -> None:
    by_id = {id: token for token, id in tokenizer.get_vocab().items()}
    control = set(control_tokens(tokenizer).values())
    kinds = library.TokenType
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list([by_id.get(i, f"[unused{i}]") for i in range(size)])
    writer.add_token_types(
        [kinds.CONTROL if i in control else kinds.NORMAL if i in by_id else kinds.UNUSED for i in range(size)]
    )
    writer.add_token_merges([pair if isinstance(pair, str) else " ".join(pair) for pair in tokens["merges"]])
    writer.add_eos_token_id(tokenizer.eos_token_id)
    for end in ends:
        if end != tokenizer.eos_token_id:
            writer.add_eot_token_id(end)
    if tokenizer.bos_token_id is not None:
        writer.add_bos_token_id(tokenizer.bos_token_id)
    if tokenizer.pad_token_id is not None:
        writer.add_pad_token_id(tokenizer.pad_token_id)
    writer.add_add_bos_token(False)  # the template writes it, if there is one
    writer.add_chat_template(template(tokenizer.chat_template))
