"""The live view of a chat."""

from typing import Any

from modelops_jupyter.fine_tuning import Chat
from modelops_jupyter.notebook.widgets.base import LiveView
from modelops_jupyter.wire import handles
from modelops_jupyter.wire.chat import snapshot


class ChatView(LiveView):
    """Type a prompt, watch the answer come, see how sure the model was of each token.

    Parameters
    ----------
    chat
        As `FineTunedModel.chat` begins it; the view and Python share it.
    layout
        As for every Jupyter widget.
    """

    def __init__(self, chat: Chat, **options: Any) -> None:
        super().__init__("chat", {"chat": handles.handle(chat, "t"), "initial": snapshot(chat)}, **options)
        self._chat = chat

    @property
    def _subject(self) -> Chat:
        return self._chat

    @property
    def chat(self) -> Chat:
        """What is shown; `chat.rows` has what was said."""
        return self._chat
