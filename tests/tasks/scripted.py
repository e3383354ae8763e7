"""A mail server that answers each command with what the test wrote down."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final

NEVER: Final = "never"
HANG_UP: Final = "hang up"

_ANSWERS = {
    "GREETING": "220 mail.example.com",
    "EHLO": "250-mail.example.com\r\n250 8BITMIME",
    "MAIL": "250 OK",
    "RCPT": "250 OK",
    "DATA": "354 Go on",
    "LETTER": "250 OK",
    "QUIT": "221 Bye",
    "RSET": "250 OK",
}


Answers = Mapping[str, str | tuple[str, ...]]
"""Several answers are given one after another in each conversation, the last of them from then on."""


@asynccontextmanager
async def answering(answers: Answers, pause: float = 0, heard: list[str] | None = None) -> AsyncIterator[str]:
    """Its URL. `{"RCPT": "550 No such user"}` is said to RCPT; `GREETING` at the start, `LETTER` after the letter.

    `pause` is how long it thinks about each answer; `heard` gets what was said to it, command by command.
    """
    conversations: set[asyncio.Task[None]] = set()

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        conversations.add(task := asyncio.create_task(_converse(reader, writer, pause, _Script(answers, heard))))
        task.add_done_callback(lambda _: writer.close())

    server = await asyncio.start_server(converse, "127.0.0.1", 0)
    try:
        yield f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in conversations:
            task.cancel()
        await asyncio.gather(*conversations, return_exceptions=True)


class _Script:
    """What is still to be said in one conversation."""

    def __init__(self, answers: Answers, heard: list[str] | None) -> None:
        self._heard = [] if heard is None else heard
        said = {**_ANSWERS, **answers}
        self._answers = {command: [says] if isinstance(says, str) else list(says) for command, says in said.items()}

    def answer(self, command: str) -> str:
        self._heard.append(command)
        answers = self._answers.get(command, ["502 Not implemented"])
        return answers.pop(0) if len(answers) > 1 else answers[0]


async def _converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, pause: float, script: _Script) -> None:
    command = "GREETING"
    while (answer := script.answer(command)) != HANG_UP:
        await (asyncio.Event().wait() if answer == NEVER else asyncio.sleep(pause))
        writer.write(answer.encode(errors="surrogateescape") + b"\r\n")
        await writer.drain()
        command = await _next(reader, in_letter=command == "DATA" and answer == _ANSWERS["DATA"])


async def _next(reader: asyncio.StreamReader, *, in_letter: bool) -> str:
    if in_letter:
        await reader.readuntil(b"\r\n.\r\n")
        return "LETTER"
    return (await reader.readuntil(b"\r\n"))[:4].decode().strip().upper()
