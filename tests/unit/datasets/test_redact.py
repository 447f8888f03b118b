"""Redaction: what must go goes, what only looks like it stays, equal values stay equal."""

import sys
import time

import pytest

from modelops_jupyter.datasets import Dataset, DatasetSanitizer
from modelops_jupyter.datasets.redact import KINDS, Redactor
from modelops_jupyter.datasets.steps import Redact, step_from_json
from modelops_jupyter.errors import ConfigError, MissingExtraError

from .build import chat, opened

LEFT_ALONE = """
v1.2.3 | 1.2.3.4 | version 10.0.0.1 | Version: 10.20.30.40 | Chrome/120.0.0.0 Safari/537.36 | 2.0.0.0-rc1
10.0.19041.1288 | build 20210303.4 | Build 22621.1702 | package==1.2.3.40 | numpy>=1.26.4,<2 | >=10.0.0.12
v212.555.1234 | version 212.555.1234 | react@18.2.0-beta.next | pkg@1.0.0-alpha.beta | jdk-17.0.9+9
Linux 5.15.0-91-generic | 24.04.1-lts | KB5005565 | 1.0.0-beta+20130313144700 | 212.5284.40
section 4.2.10.12 | lib-10.20.30.40.tar.gz | 10.01.02.03 | 999.1.1.1 | 255.255.255.256 | 1e10 | 0x7ffee4b8
2021-03-03T12:30:45.123Z | 2021-03-03 12:00:00+01:00 | 12:00:00 +1000 | 2021-03-03T12:30:00+0530
1612345678 | 1612345678901 | 1612345678901234 | 1612345678901234567 | 20210303123456 | 03.04.2021
2023.12.01 08:15:00 | 01-02-2023 10:00:00 | 09-11-2001 12:30:00 | 09/11/2001 12:30 | 01 02 2023 | 12:30:45
20231201-081500 | 08:15-12:30 | 2024-W05 | 05-12 2021 1430 | 10-20-30 | 0800-1600 | 1 000 000 000
1,234,567,890 | 3.14159265358979 | ISBN 978-3-16-148410-0 | 0-306-40615-2 | 1234567890123456 | RFC 2822
4111 1111 1111 1112 | 4111-1111 1111-1111 | AB12 CDEF 3456 | 00:1a:2b:3c:4d:5e | 0123456789
DE89 3704 0044 0532 0130 01 | XX89 3704 0044 0532 0130 00 | 0012 0013 0014 | 100-200-3000 | 555-1234
std::vector | a::b | ::1 | icon@2x.png | @decorator | user@localhost | x = 5551234567
sk-learn-compatible-estimators | task-force-one-two-three-four-5 | f47ac10b-58cc-4372-a567-0e02b2c3d479
http://localhost:8080/a:b
""".replace("\n", " | ").split(" | ")

GOES = [
    ("write to ann@example.org.", "write to [EMAIL_1]."),
    ("Ann.Lee+x@mail.example.co.uk", "[EMAIL_1]"),
    ("a@163.com, jürgen@müller.de", "[EMAIL_1], [EMAIL_2]"),
    ("发到ann@x.org谢谢", "发到[EMAIL_1]谢谢"),
    ("Ann@X.org = ann@x.ORG", "[EMAIL_1] = [EMAIL_1]"),
    ("call +49 30 1234567, or +49-30-1234567.", "call [PHONE_1], or [PHONE_1]."),
    ("+1 (555) 123-4567 +14155552671", "[PHONE_1] [PHONE_2]"),
    ("(555) 123-4567 / 555-123-4568 / 555.123.4569", "[PHONE_1] / [PHONE_2] / [PHONE_3]"),
    ("1-800-555-0199", "[PHONE_1]"),
    ("030 1234567", "[PHONE_1]"),
    ("0171/2345678", "[PHONE_1]"),
    ("06 12 34 56 78", "[PHONE_1]"),
    ("(030) 123456-78", "[PHONE_1]"),
    ("card 4111 1111 1111 1111 again 4111-1111-1111-1111", "card [CARD_1] again [CARD_1]"),
    ("378282246310005", "[CARD_1]"),
    ("3782 822463 10005", "[CARD_1]"),
    ("30569309025904 6011111111111117 2223003122003222", "[CARD_1] [CARD_2] [CARD_3]"),
    ("DE89 3704 0044 0532 0130 00 BIC COBADEFF", "[IBAN_1] BIC COBADEFF"),
    ("de89370400440532013000, GB82 WEST 1234 5698 7654 32", "[IBAN_1], [IBAN_2]"),
    ("192.168.0.1, 10.0.0.5:8080, http://10.0.0.15/x", "[IP_1], [IP_2]:8080, http://[IP_3]/x"),
    ("2001:db8::1 [2001:db8:85a3::8a2e:370:7334]:443", "[IP_1] [[IP_2]]:443"),
    ("https://bob:s3cret@host.org/x?mail=a@x.org", "https://[CREDENTIALS_1]@host.org/x?mail=[EMAIL_1]"),
    ("postgres://u:p$w@10.0.0.12/db", "postgres://[CREDENTIALS_1]@[IP_1]/db"),
    ("sk-proj-abcdefghijklmnop1234567890", "[SECRET_1]"),
    ("ghp_0123456789abcdefghijABCDEFGHIJ012345", "[SECRET_1]"),
    ("AKIAIOSFODNN7EXAMPLE", "[SECRET_1]"),
    ("Authorization: Bearer abcdef1234567890abcdef", "Authorization: Bearer [SECRET_1]"),
    ("-----BEGIN RSA PRIVATE KEY-----\nMIIabc0+/=\n-----END RSA PRIVATE KEY-----\nbye", "[SECRET_1]\nbye"),
]


def redacted(text: str, **options: object) -> str:
    step = Redact(**options)  # type: ignore[arg-type]
    return DatasetSanitizer([step]).run(Dataset([{"text": text}])).dataset[0]["text"]


@pytest.mark.parametrize("text", [text for text in LEFT_ALONE if text])
def test_what_only_looks_like_it_stays(text: str) -> None:
    assert redacted(text) == text
    assert redacted(f"see ({text}), ok") == f"see ({text}), ok"


@pytest.mark.parametrize(("text", "expected"), GOES)
def test_what_must_go_goes(text: str, expected: str) -> None:
    assert redacted(text) == expected
    assert redacted(f"<{text}>") == f"<{expected}>"


def test_every_digit_of_a_card_and_an_iban_is_checked() -> None:
    for number, kind in (("4111111111111111", "card"), ("DE89370400440532013000", "iban")):
        for at in range(4, len(number)):
            wrong = number[:at] + str((int(number[at]) + 1) % 10) + number[at + 1 :]
            assert redacted(wrong, kinds=[kind]) == wrong


def test_equal_values_get_equal_placeholders_within_a_row_and_start_anew_in_the_next() -> None:
    ds = Dataset([chat("u:a@x.org or b@x.org?", "a:a@x.org"), chat("u:c@x.org", "a:none", note=["a@x.org"])])
    done = DatasetSanitizer([Redact(["email"])]).run(ds)
    said = [[m["content"] for m in row["messages"]] for row in done.dataset]
    assert said == [["[EMAIL_1] or [EMAIL_2]?", "[EMAIL_1]"], ["[EMAIL_1]", "none"]]
    assert done.dataset[1]["note"] == ["[EMAIL_2]"]
    assert [(c.changed, c.removed, c.reasons) for c in done.counts] == [(2, 0, {"email": 2})]
    assert (done.examples[0].before, done.examples[0].after) == (
        "a@x.org or b@x.org?",
        "[EMAIL_1] or [EMAIL_2]?",
    )


def test_a_placeholder_is_never_looked_into_again() -> None:
    again = redacted(redacted("a@x.org 4111111111111111 +49 30 1234567"))
    assert again == "[EMAIL_1] [CARD_1] [PHONE_1]"


def test_only_the_named_kinds_are_looked_for() -> None:
    text = "a@x.org 192.168.0.1"
    assert redacted(text, kinds=["ip"]) == "a@x.org [IP_1]"
    assert Redact().kinds == tuple(KINDS)


def test_what_overlaps_becomes_one_and_nothing_of_it_is_left() -> None:
    pytest.importorskip("re2")
    assert redacted("id ann@x.org-7788 end", patterns={"case": r"x\.org-\d+"}) == "id [EMAIL_1] end"


def test_bytes_of_rows_without_personal_data_stay(tmp_path: object) -> None:
    content = b'{"text" : "a", "n": 1.0E5}\n{ "text": "a@x.org", "n": 1.50 }\n'
    ds = opened(tmp_path, content)  # type: ignore[arg-type]
    clean = DatasetSanitizer([Redact()]).run(ds).dataset
    assert clean.raw(0) == ds.raw(0)
    assert clean[1] == {"text": "[EMAIL_1]", "n": 1.5}


HOSTILE = [
    "a@" + "b." * 50_000 + "@" + "a" * 100_000 + "@",
    "1" * 200_000,
    "1 " * 100_000,
    "+1" * 100_000,
    "a:" * 100_000,
    ":" * 200_000,
    "1." * 100_000,
    "://" + "a:" * 100_000,
    "sk-" * 70_000,
    "DE89 " * 40_000,
    "-----BEGIN PRIVATE KEY-----" * 8_000,
    "bearer " * 30_000,
    "eyJ" + "a" * 200_000,
    "(030) " * 40_000,
    "a@b.co " * 30_000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:8])
def test_hostile_text_takes_time_by_its_length(text: str) -> None:
    def took(text: str) -> float:
        start = time.perf_counter()
        Redactor(KINDS)(text)
        return time.perf_counter() - start

    whole, quarter = took(text), min(took(text[: len(text) // 4]) for _ in range(2))
    assert whole < 0.5 or whole < 12 * quarter  # a quadratic one would need 16 times as long


def test_own_patterns_have_their_own_placeholders() -> None:
    pytest.importorskip("re2")
    step = Redact(["email"], patterns={"case": r"CASE-\d+"})
    ds = Dataset([{"text": "CASE-12 of é a@x.org, CASE-3, CASE-12"}])
    done = DatasetSanitizer([step]).run(ds)
    assert done.dataset[0]["text"] == "[CASE_1] of é [EMAIL_1], [CASE_2], [CASE_1]"
    assert done.counts[0].reasons == {"email": 1, "case": 1}
    assert step_from_json(step.to_json()) == step
    assert hash(step_from_json(step.to_json())) == hash(step)


def test_own_patterns_that_cannot_be_used_are_refused_at_once() -> None:
    pytest.importorskip("re2")
    for pattern in ("(a", r"(?<=a)b", r"(a)\1"):
        with pytest.raises(ConfigError, match="google-re2 has no lookaround"):
            Redact(patterns={"own": pattern})
    with pytest.raises(ConfigError, match="kind of its own"):
        Redact(patterns={"email": "a"})
    with pytest.raises(ConfigError, match="no plain word"):
        Redact(patterns={"my kind": "a"})
    assert redacted("aaaa" * 8 + "!", kinds=[], patterns={"own": "(a+)+$"}) == "aaaa" * 8 + "!"


def test_without_the_linear_engine_own_patterns_name_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "re2", None)
    with pytest.raises(MissingExtraError, match=r"modelops_jupyter\[text\]"):
        Redact(patterns={"case": "x"})
    assert redacted("a@x.org") == "[EMAIL_1]"
