"""Compression: gzip and zstandard, read to the end of their last part, written as a stream."""

import contextlib
import gzip
import zlib
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Any, BinaryIO, cast

from modelops_jupyter._extras import require
from modelops_jupyter.datasets.storage import Storage, stored
from modelops_jupyter.errors import DatasetError, Where

_INFLATE = 1 << 20  # bytes of content at once
_PIECE = 16 << 10  # bytes of zstandard at once: it cannot be asked for less content


def unpacked(storage: Storage, packing: str, name: str | None) -> Storage:
    """Return the content of a compressed file, at rest."""
    inflate, word = _KINDS[packing]
    try:
        return stored(inflate(map(bytes, storage.scan())))
    except (EOFError, zlib.error, _zstandard_error(packing)) as error:
        raise DatasetError(
            f"{name} is not a whole {word} file: {error}.",
            code=f"bad-{word}",
            where=Where(file=name),
            hint="Fetch or make it again; its end may be missing.",
        ) from None


def _zstandard() -> Any:
    return require("zstandard", extra="files", purpose="read and write .zst files")


def _zstandard_error(packing: str) -> type[Exception]:
    return _zstandard().ZstdError if packing == ".zst" else zlib.error


def _gunzip(packed: Iterable[bytes]) -> Iterator[bytes]:
    member, whole = zlib.decompressobj(wbits=31), True
    for block in packed:
        rest, full = block, False
        while rest or full:
            if member.eof:
                rest = rest.lstrip(b"\0")  # padding between members is allowed
                member, full = zlib.decompressobj(wbits=31), False
                continue
            data = member.decompress(rest, _INFLATE)
            yield data
            rest, whole = member.unused_data or member.unconsumed_tail, member.eof
            full = len(data) == _INFLATE and not whole  # more may wait inside
    if not whole:
        raise EOFError("it ends too early")


def _unzstd(packed: Iterable[bytes]) -> Iterator[bytes]:
    library, member = _zstandard(), None
    for block in packed:
        for at in range(0, len(block), _PIECE):
            rest = block[at : at + _PIECE]
            while rest:
                if member is None or member.eof:
                    member = library.ZstdDecompressor(max_window_size=1 << 31).decompressobj()
                yield member.decompress(rest)
                rest = member.unused_data
    if member is not None and not member.eof:
        raise EOFError("it ends too early")


_KINDS: dict[str, tuple[Callable[[Iterable[bytes]], Iterator[bytes]], str]] = {
    ".gz": (_gunzip, "gzip"),
    ".zst": (_unzstd, "zstandard"),
}
PACKINGS = tuple(_KINDS)


@contextlib.contextmanager
def packed(stream: BinaryIO, packing: str | None) -> Generator[BinaryIO]:
    """Compress what is written, so that equal content gives equal files."""
    match packing:
        case ".gz":
            with gzip.GzipFile(filename="", fileobj=stream, mode="wb", mtime=0) as file:
                yield cast("BinaryIO", file)
        case ".zst":
            with _zstandard().ZstdCompressor().stream_writer(stream, closefd=False) as file:
                yield file
        case _:
            yield stream
