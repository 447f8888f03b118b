"""The tiny chat model: a Llama from a recipe and a tokenizer of 400 tokens, made here, never downloaded."""

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from modelops_jupyter._extras import require
from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter.errors import ConfigError
from modelops_jupyter.training import engine

if TYPE_CHECKING:
    from modelops_jupyter.training.models import ModelSpec

__all__ = ["tiny_chat_model"]

VOCABULARY = 400
PAD, END, SYSTEM, USER, ASSISTANT = "<|pad|>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>"
SPECIAL = (PAD, END, SYSTEM, USER, ASSISTANT)

# Each turn opens with a token of its own, so that no text can melt into the border between prompt and
# answer; the end of the turn stands inside the trained part, else the model would never stop.
CHAT_TEMPLATE = (
    "{%- for message in messages -%}"
    "{%- if message['role'] == 'assistant' -%}"
    "<|assistant|>{% generation %}{{ message['content'] }}<|end|>{% endgeneration %}"
    "{%- else -%}"
    "{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}"
    "{%- endif -%}"
    "{%- endfor -%}"
    "{%- if add_generation_prompt -%}<|assistant|>{%- endif -%}"
)
_SHAPE = ("hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads")
_SIZES = {"nano": (64, 176, 2, 4), "tiny": (128, 352, 4, 4), "small": (256, 704, 6, 8)}
_MONTHS = "January February March April May June July August September October November December".split()  # noqa: SIM905 -- reads better
_TEXT = """
Write the date in the ISO form. The answer is a year, a month and a day, and nothing else.
Please tell me when it happened, on which day of which week, and who was there with you and with them.
What is this, where does it come from, how long will it take, and why should anybody want to have it?
I am not sure that there is an answer to your question, but here are some things that you could try first.
Thank you for the order. It was sent this morning and should arrive before the end of the next week.
The first one was the best of them all, the second not so good, the third and the last could not be used.
She said that he had gone home; they would come again in the evening, as they always did in those years.
Monday Tuesday Wednesday Thursday Friday Saturday Sunday. Mon Tue Wed Thu Fri Sat Sun. Today, tomorrow.
one two three four five six seven eight nine ten eleven twelve twenty thirty hundred thousand
"""


def tiny_chat_model(size: str = "tiny", seed: int = 0) -> "ModelSpec":
    """Return the recipe of a small chat model that learns a narrow task in a minute on a laptop.

    Parameters
    ----------
    size
        `"nano"`, `"tiny"` or `"small"`: 0.1, 0.9 and 5 million weights.
    seed
        Seed of the random weights it starts from.

    Examples
    --------
    >>> model, tokenizer = tiny_chat_model().load()  # doctest: +SKIP
    """
    from modelops_jupyter.training.models import ModelSpec

    if size not in _SIZES:
        raise ConfigError(
            f"There is no tiny chat model of the size '{size}'.", hint=did_you_mean(size, _SIZES)
        )
    shape = dict(zip(_SHAPE, _SIZES[size], strict=True))
    architecture = shape | {"max_position_embeddings": 1024, "tie_word_embeddings": True}
    name = size if seed == 0 else f"{size}-seed-{seed}"
    return ModelSpec(name, tuple(sorted(architecture.items())), seed, _tokenizer_json(), CHAT_TEMPLATE)


def build(spec: "ModelSpec", *, device: str = "cpu") -> tuple[Any, Any]:
    """Make the weights and the tokenizer of a recipe; the global random state is left as it was.

    On the device "meta" the model has its shape only, and takes no memory.
    """
    torch, transformers = engine.torch_and_transformers("make a model")
    tokenizers = cast("Any", require("tokenizers", extra="train", purpose="make a model"))
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizers.Tokenizer.from_str(spec.tokenizer),
        pad_token=PAD,
        eos_token=END,
        additional_special_tokens=[SYSTEM, USER, ASSISTANT],
        clean_up_tokenization_spaces=False,
    )
    tokenizer.chat_template = spec.chat_template
    config = transformers.LlamaConfig(
        vocab_size=len(tokenizer),
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        **dict(spec.architecture),
    )
    with torch.random.fork_rng(devices=[]), torch.device(device):
        torch.manual_seed(spec.seed)
        model = transformers.LlamaForCausalLM(config)
    return model.float().eval(), tokenizer


@cache
def _tokenizer_json() -> str:
    tokenizers = cast("Any", require("tokenizers", extra="train", purpose="make a tokenizer"))
    pre, trainers = tokenizers.pre_tokenizers, tokenizers.trainers
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE())
    # Digits one by one: numbers of any length are then spelled from ten tokens that are always trained.
    tokenizer.pre_tokenizer = pre.Sequence(
        [pre.Digits(individual_digits=True), pre.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = tokenizers.decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=list(SPECIAL),
        initial_alphabet=sorted(pre.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_corpus(), trainer)
    return str(tokenizer.to_str())


def _corpus() -> Iterator[str]:
    yield from _TEXT.strip().splitlines()
    for number, month in enumerate(_MONTHS, 1):
        for day, ending in ((1, "st"), (2, "nd"), (3, "rd"), (24, "th"), (30, "th")):
            yield f"{day}{ending} of {month}, 20{day:02d}"
            yield f"{month} {day}, 19{day:02d}; {month[:3]} {day} is {day:02d}-{number:02d}-20{day:02d}"
