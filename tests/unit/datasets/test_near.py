"""Near duplicates: what is near, what is kept, and that nothing near is missed."""

import random

import numpy as np
import pytest

from modelops_jupyter.datasets import Dataset, near
from modelops_jupyter.errors import ConfigError

from .build import chat

WORDS = [f"word{i}" for i in range(4000)]
TEXT = (
    "the keeper of the lighthouse climbs the narrow stairs each evening with a can of oil and a clean "
    "cloth then trims the wick polishes the glass and writes the hour into the grey book on the shelf "
    "before the boats turn home around the long reef and the gulls settle on the wet roof of the store"
)


def said(count: int, seed: int, length: int = 60) -> list[str]:
    chance = random.Random(seed)
    return [" ".join(chance.choices(WORDS, k=length)) for _ in range(count)]


def triples(text: str) -> set[tuple[str, ...]]:
    words = text.split()
    return set(zip(words, words[1:], words[2:], strict=False))


def jaccard(one: str, two: str) -> float:
    return len(triples(one) & triples(two)) / len(triples(one) | triples(two))


def changed(text: str, *places: int) -> str:
    words = text.split()
    for place in places:
        words[place] += "x"
    return " ".join(words)


def kept(ds: Dataset, threshold: float = 0.8) -> list[str]:
    return list(ds.dedupe("near", threshold=threshold).ids)


def test_rows_of_one_template_with_other_answers_stay() -> None:
    rows = [
        {"id": f"t{i}", "prompt": f"{TEXT} so who is at {i}?", "completion": f"Boat {i}."} for i in range(6)
    ]
    rows += [{"id": f"s{i}", "prompt": "Tell.", "completion": changed(TEXT, *[9] * i)} for i in range(2)]
    ds = Dataset(rows, id_key="id")
    assert kept(ds) == ["t0", "t1", "t2", "t3", "t4", "t5", "s0"]
    assert jaccard(rows[0]["prompt"], rows[1]["prompt"]) > 0.9


def test_a_long_system_text_makes_no_two_questions_near() -> None:
    rows = [chat(f"s:{TEXT}", f"u:is number {i} odd or even", "a:yes") for i in range(5)]
    assert len(Dataset(rows).dedupe("near")) == 5
    assert len(Dataset([rows[0], {**rows[0], "note": 1}]).dedupe("near")) == 1


def test_a_chain_of_neighbours_does_not_melt_into_one() -> None:
    chain = [TEXT, changed(TEXT, 10, 40), changed(TEXT, 10, 40, 22, 50)]
    near_pairs = [jaccard(chain[0], chain[1]), jaccard(chain[1], chain[2]), jaccard(chain[0], chain[2])]
    assert near_pairs[0] > 0.75 < near_pairs[1]
    assert near_pairs[2] < 0.7
    ds = Dataset([{"id": f"k{i}", "text": text} for i, text in enumerate(chain)], id_key="id")
    assert kept(ds, 0.75) == ["k0", "k2"]
    found = near.first_of(ds, 0.75)
    assert found.first.tolist() == [-1, 0, -1]
    assert found.similarity[1] == pytest.approx(near_pairs[0])
    assert sorted(near.linked(ds, 0.75)) == [(1, 0), (2, 1)], "a split keeps all three together"


@pytest.mark.parametrize("threshold", [0.6, 0.8, 0.95])
@pytest.mark.parametrize("layout", ["text", "chat"])
def test_every_planted_pair_is_found_and_nothing_else(threshold: float, layout: str) -> None:
    texts = said(600, seed=3)
    chance = random.Random(5)
    texts += [changed(text, *chance.sample(range(60), chance.randrange(8))) for text in texts[:300]]
    rows = [{"text": text} if layout == "text" else chat("u:" + text[:200], "a:" + text) for text in texts]
    expected = [
        i
        if jaccard(texts[i], texts[600 + i]) >= threshold
        and (layout == "text" or jaccard(texts[i][:200], texts[600 + i][:200]) >= threshold)
        else -1
        for i in range(300)
    ]
    first = near.first_of(Dataset(rows), threshold).first
    assert first[:600].tolist() == [-1] * 600
    assert first[600:].tolist() == expected
    assert len(set(expected)) > 20


def test_small_texts_are_near_when_their_words_are_the_same() -> None:
    texts = [
        "yes",
        "Yes",
        "no",
        "yes yes",
        "",
        "東京はとても大きい町です",
        "東京はとても大きい町でし",
        "{bad",
    ]
    raw = [f'{{"text": "{text}"}}' for text in texts[:-1]] + ["{bad", "{bad "]
    assert near.first_of(Dataset.from_text("\n".join(raw)), 0.6).first.tolist() == [
        -1, 0, -1, -1, -1, -1, 5, -1, -1,
    ]  # fmt: skip


def test_nothing_is_near_to_nothing() -> None:
    assert len(Dataset().dedupe("near")) == 0
    assert np.array_equal(near.first_of(Dataset([{"text": "a"}])).first, [-1])


def test_a_threshold_that_finds_everything_or_nothing_is_refused() -> None:
    for threshold in (0.0, 0.3, 1.2):
        with pytest.raises(ConfigError, match="between"):
            Dataset([{"text": "a"}]).dedupe("near", threshold=threshold)
    with pytest.raises(ConfigError, match="Did you mean 'near'"):
        Dataset([{"text": "a"}]).dedupe("nearly")  # type: ignore[arg-type]


def test_validate_names_measure_row_and_what_is_kept() -> None:
    rows = [{"text": TEXT}, {"text": changed(TEXT, 5)}, {"text": TEXT}, {"text": "other words stand here"}]
    report = Dataset(rows).validate(near=True)
    assert [(p.row, p.code) for p in report] == [(1, "near-duplicate"), (2, "exact-duplicate")]
    for part in ("row 0", "0.9", "Jaccard", "three-word", "question and answer", "kept"):
        assert part in report.problems[0].message
    assert "near duplicates" not in report.not_checked
    assert "near duplicates" in Dataset(rows).validate().not_checked
