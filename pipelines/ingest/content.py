"""From bytes as sent to UTF-8 text: what is packed is unpacked, what is in another encoding is read in that one.

Everything is read in blocks, so memory follows the block and not the file; limits are kept while unpacking, not after.
"""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import IO

from pipelines.ingest.problems import UnreadableFileError
from pipelines.ingest.records import Readable
from schemas.file_terms import FileTerms

BLOCK = 4 * 2**20

MAX_RATIO = 100
"""Unpacked to packed. A sparse HMIS export packs about 30 to 1; a bomb a thousand to one and more."""

RATIO_MATTERS_FROM = 64 * 2**20
"""Unpacked bytes; less than this harms nobody, however well it packs."""

UTF_8, UTF_16 = "utf-8", "utf-16"
UTF_32_MARKS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

DOUBLE_ENCODED = (b"\xc3\x83\xc2", b"\xc3\x82\xc2", b"\xc3\xa2\xe2")
"""How UTF-8 that was read as Windows-1252 and written as UTF-8 again begins: Ã©, Â·, â€™."""

SentOpener = Callable[[], AbstractContextManager[IO[bytes]]]
"""Opens a file as it was sent."""

Opener = Callable[[], AbstractContextManager[Readable]]
"""Opens what is in a file, unpacked."""


class Unpacked:
    """A gzip file, unpacked as it is read; raises UnreadableFileError once it is too large, too dense or damaged."""

    def __init__(self, stream: IO[bytes], packed_bytes: int, terms: FileTerms) -> None:
        self._inside = gzip.GzipFile(fileobj=stream)
        self._densest = max(RATIO_MATTERS_FROM, MAX_RATIO * packed_bytes)
        self._largest = terms.max_file_bytes
        self._bytes = 0

    def read(self, size: int, /) -> bytes:
        """The next unpacked bytes."""
        try:
            block = self._inside.read(size)
        except (OSError, EOFError, zlib.error):
            raise UnreadableFileError("gzip.damaged") from None
        self._bytes += len(block)
        if self._bytes > self._densest:
            raise UnreadableFileError("gzip.too_large", f"more than {MAX_RATIO} times its packed size")
        if self._bytes > self._largest:
            raise UnreadableFileError("file.too_large", f"more than {self._largest} bytes")
        return block


class Text:
    """The text of a stream as UTF-8, without its byte order mark; raises UnreadableFileError where it is no text."""

    def __init__(self, stream: Readable, encoding: str) -> None:
        self._stream, self._encoding = stream, encoding
        self._decoder = codecs.getincrementaldecoder(encoding)("strict")
        self._offset = 0
        self._tail = b""
        self.double_encoded = 0
        """How often text stood there that was encoded twice."""

    def read(self, size: int, /) -> bytes:
        """The next bytes of the text; none only at its end."""
        while block := self._stream.read(max(size, len(codecs.BOM_UTF32_LE))):
            text = self._text(block)
            self._offset += len(block)
            if text:
                self._look_for_double_encoding(text)
                return text
        self._decode(b"", final=True)
        return b""

    def _text(self, block: bytes) -> bytes:
        if self._encoding != UTF_8:
            text = self._decode(block).encode()
            if 0 in text:
                raise UnreadableFileError("file.nul_byte")
            return text
        if (at := block.find(0)) >= 0:
            raise UnreadableFileError("file.nul_byte", f"byte {self._offset + at}")
        if self._decoder.getstate()[0] or not block.isascii():
            self._decode(block)
        return block.removeprefix(codecs.BOM_UTF8) if not self._offset else block

    def _decode(self, block: bytes, *, final: bool = False) -> str:
        pending = len(self._decoder.getstate()[0])
        try:
            return self._decoder.decode(block, final)
        except UnicodeError as bad:  # UnicodeDecodeError says where; UTF-16 without a mark does not
            rule = "file.not_utf8" if self._encoding == UTF_8 else "file.not_in_declared_encoding"
            at = self._offset - pending + getattr(bad, "start", 0)
            raise UnreadableFileError(rule, f"byte {at}") from None

    def _look_for_double_encoding(self, text: bytes) -> None:
        if self._tail or not text.isascii():
            joined = self._tail + text
            self.double_encoded += sum(joined.count(sign) for sign in DOUBLE_ENCODED)
        self._tail = b"" if text[-1] < 0x80 else text[-2:]


def encoding_of(open_bytes: Opener, terms: FileTerms) -> str:
    """The encoding to read a file in: by its mark, or UTF-8, or the first declared one that fits all of it.

    Raises UnreadableFileError for UTF-16 that the contract does not declare, and for UTF-32.
    """
    with open_bytes() as stream:
        mark = stream.read(4)
    if mark.startswith(UTF_32_MARKS):
        raise UnreadableFileError("file.utf32")
    if mark.startswith(UTF_16_MARKS):
        if UTF_16 not in terms.encodings:
            raise UnreadableFileError("file.utf16")
        return UTF_16
    others = [one for one in terms.encodings if one not in (UTF_8, UTF_16)]
    if not others:
        return UTF_8
    return next((one for one in (UTF_8, *others) if _fits(open_bytes, one)), others[-1])


def _fits(open_bytes: Opener, encoding: str) -> bool:
    with open_bytes() as stream:
        text = Text(stream, encoding)
        try:
            while text.read(BLOCK):
                pass
        except UnreadableFileError as bad:
            return bad.rule_id == "file.nul_byte"
    return True


@contextmanager
def unpacked(open_bytes: SentOpener, packed_bytes: int, packing: str, terms: FileTerms) -> Iterator[Readable]:
    """The content of a file: its bytes, or what is in the gzip file that it is."""
    with open_bytes() as stream:
        yield Unpacked(stream, packed_bytes, terms) if packing else stream
