"""Any server that speaks OpenAI's chat API, as a function from a prompt to a text."""

import http.client
import json
import os
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from typing import Any, cast

from modelops_jupyter.errors import ConfigError
from modelops_jupyter.evaluation.calls import CallError, seconds
from modelops_jupyter.evaluation.predictions import Prompt

_LARGEST = 16 << 20  # bytes of one answer


class Endpoint:
    """A model behind an OpenAI-compatible server; call it with a prompt.

    It needs no client library. The key is read when a call is made, is sent to `base_url`
    alone (a redirect is an error), and stands in no repr, cache, message or pickle.

    Parameters
    ----------
    model
        The name the server knows.
    base_url
        Up to and with "/v1"; `$OPENAI_BASE_URL` if None.
    api_key
        `$OPENAI_API_KEY` if None.
    system
        A system message before every prompt.
    timeout
        Seconds the server may be silent.
    options
        More fields of the request, such as `max_tokens` or `seed`; the temperature is 0 unless
        given here.

    Examples
    --------
    >>> Endpoint("smollm2", base_url="http://127.0.0.1:8080/v1")
    Endpoint('smollm2', base_url='http://127.0.0.1:8080/v1')
    """

    is_endpoint = True

    def __init__(
        self,
        model: str,
        *,
        base_url: str | None = None,
        api_key: str | None = None,
        system: str | None = None,
        timeout: float = 60.0,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        url = base_url or os.environ.get("OPENAI_BASE_URL") or "https://api.openai.com/v1"
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigError("base_url is no http address.", hint="Such as http://127.0.0.1:8080/v1.")
        if parts.username or parts.password or parts.query:
            raise ConfigError("base_url holds more than an address.", hint="Put the key into api_key=.")
        self.model, self.base_url, self.system = model, url.rstrip("/"), system
        self.timeout, self.options = timeout, {"temperature": 0, **(options or {})}
        self._key = api_key

    @property
    def identity(self) -> str:
        """What the answers depend on, as text."""
        parts = {"model": self.model, "url": self.base_url, "system": self.system, "options": self.options}
        return json.dumps(parts, sort_keys=True, ensure_ascii=False)

    def __call__(self, prompt: str) -> str:
        """Return the answer to one prompt.

        Raises
        ------
        CallError
            If there is none; `.again` says whether another try may help.
        """
        body = {"model": self.model, "messages": self._messages(prompt), **self.options}
        headers = {"Content-Type": "application/json"}
        key = self._key or os.environ.get("OPENAI_API_KEY")
        if key:
            headers["Authorization"] = f"Bearer {key}"
        url = f"{self.base_url}/chat/completions"
        request = urllib.request.Request(url, json.dumps(body).encode(), headers)  # noqa: S310  # checked above
        try:
            with _opener.open(request, timeout=self.timeout) as response:
                raw: bytes = response.read(_LARGEST)
                if response.length:  # a longer answer, or one that broke off
                    raise http.client.IncompleteRead(raw)
        except urllib.error.HTTPError as error:
            raise _refused(error, key) from None
        except TimeoutError:
            raise _failed(f"The server was silent for {self.timeout:g} s.") from None
        except (OSError, http.client.HTTPException) as error:
            raise _failed(f"The connection was lost ({type(error).__name__}: {error}).") from None
        return _text(raw)

    def _messages(self, prompt: str) -> list[dict[str, Any]]:
        turns = prompt.messages if isinstance(prompt, Prompt) else ({"role": "user", "content": str(prompt)},)
        first = [] if self.system is None else [{"role": "system", "content": self.system}]
        return [*first, *turns]

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_key": None}

    def __repr__(self) -> str:
        return f"Endpoint({self.model!r}, base_url={self.base_url!r})"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would take the key to another host."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


_opener = urllib.request.build_opener(_NoRedirect)


def _text(raw: bytes) -> str:
    try:
        body: Any = json.loads(raw)
        content = body["choices"][0]["message"]["content"]
    except (ValueError, LookupError, TypeError, RecursionError):
        raise _failed("The server's answer is empty." if not raw.strip() else _NOT_CHAT) from None
    if not isinstance(content, str):
        raise CallError("The model's answer holds no text.")
    return content


_NOT_CHAT = "The server's answer is not that of a chat API."


def _failed(message: str) -> CallError:
    error = CallError(message)
    error.again = True
    return error


def _refused(response: urllib.error.HTTPError, key: str | None) -> CallError:
    """Return the error of an HTTP status, with what the server says and without the key."""
    said = ""
    try:
        parsed: Any = json.loads(response.read(4096))
        detail: Any = cast("dict[str, Any]", parsed).get("error", parsed)
        said = str(detail.get("message", "") if isinstance(detail, dict) else detail)  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
    except (OSError, http.client.HTTPException, ValueError, AttributeError):
        pass  # the status says enough
    said = said.replace(key, "…") if key else said
    error = CallError(f"The server answered with status {response.code}{': ' if said else ''}{said[:300]}.")
    error.status, error.retry_after = response.code, seconds(response.headers.get("Retry-After"))
    return error
