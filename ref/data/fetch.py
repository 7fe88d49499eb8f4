"""Fetch a small file over https, within limits of size and time, whatever the server does."""

import contextlib
import http.client
import os
import queue
import ssl
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from urllib.parse import urlsplit

from tqdm import tqdm

CHUNK_BYTES = 1 << 16
MAX_REASON = 200  # characters of what a server or a library says
# What urllib and http.client raise at what a server answers: an OverflowError, say, at a redirect to port 99999.
FAILURES = (OSError, ValueError, OverflowError, http.client.HTTPException)


@dataclass(frozen=True)
class Limits:
    """What a fetch may take: in all, for one answer of the network, and in size."""

    whole_s: float = 600.0
    silence_s: float = 30.0
    max_bytes: int = 10_000_000


class FetchError(Exception):
    """A file could not be fetched; the message says why, in one line."""


def fetch(url: str, limits: Limits) -> bytes:
    """Return the body that ``url`` answers with.

    A thread waits for the network, so that the limit on the whole time holds wherever the server dawdles: name, TLS,
    headers or body. A thread that is given up ends with its next answer, or with the process.

    Raises:
      FetchError: no answer, another one than 200, more or less than it announces, too much, or too late.
    """
    chunks, is_given_up = queue.SimpleQueue(), threading.Event()
    threading.Thread(target=_receive, args=(url, limits.silence_s, chunks, is_given_up), daemon=True).start()
    try:
        return _collect(url, limits, chunks)
    finally:
        is_given_up.set()


def _collect(url: str, limits: Limits, chunks: queue.SimpleQueue) -> bytes:
    """Put together what ``_receive`` hands over: the size announced or None, then chunks, an empty one last."""
    deadline_s = time.monotonic() + limits.whole_s
    body = bytearray()
    announced = _take(chunks, deadline_s, limits, body)
    if announced is not None and announced > limits.max_bytes:
        raise FetchError(f"announces {announced} bytes, more than the {limits.max_bytes} that are read")
    with tqdm(total=announced, unit="B", unit_scale=True, desc=url.rsplit("/", 1)[1], disable=None) as bar:
        while chunk := _take(chunks, deadline_s, limits, body):
            body += chunk
            bar.update(len(chunk))
            if len(body) > limits.max_bytes:
                raise FetchError(f"sends more than the {limits.max_bytes} bytes that are read")
    if announced is not None and len(body) != announced:
        raise FetchError(f"the connection ended after {len(body)} of {announced} bytes")
    return bytes(body)


def _take(chunks: queue.SimpleQueue, deadline_s: float, limits: Limits, body: bytearray) -> int | bytes | None:
    try:
        item = chunks.get(timeout=max(0.0, deadline_s - time.monotonic()))
    except queue.Empty:
        raise FetchError(f"not done after {limits.whole_s:g} s, {len(body)} bytes of it") from None
    if isinstance(item, Exception):
        item = item.reason if type(item) is urllib.error.URLError else item  # the same, in brackets
        reason = "".join(character if character.isprintable() else "?" for character in str(item) or repr(item))
        raise FetchError(reason[:MAX_REASON])
    return item


def _receive(url: str, silence_s: float, chunks: queue.SimpleQueue, is_given_up: threading.Event) -> None:
    try:
        with _make_opener(url).open(url, timeout=silence_s) as response:
            if response.status != 200:
                raise OSError(f"answers {response.status}, where 200 was expected")
            length = response.headers.get("Content-Length", "")
            chunks.put(int(length) if length.isascii() and length.isdigit() else None)
            while not is_given_up.is_set():
                chunk = response.read1(CHUNK_BYTES)
                chunks.put(chunk)
                if not chunk:
                    return
    except (*FAILURES, MemoryError) as error:
        chunks.put(error)


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    """Follows no redirect from https to anything else."""

    def redirect_request(self, request, file, code, message, headers, url):
        if request.type == "https" and urlsplit(url).scheme != "https":
            raise urllib.error.URLError(f"redirects to {url}, where https was expected")
        return super().redirect_request(request, file, code, message, headers, url)


def _make_opener(url: str) -> urllib.request.OpenerDirector:
    if urlsplit(url).scheme != "https":
        return urllib.request.build_opener(_SafeRedirects)
    return urllib.request.build_opener(_SafeRedirects, urllib.request.HTTPSHandler(context=make_tls_context()))


def make_tls_context() -> ssl.SSLContext:
    """Return a context that verifies servers by the system's roots, or by certifi's where the system has none."""
    context = ssl.create_default_context()
    directory = ssl.get_default_verify_paths().capath  # its files are read when they are needed, and not counted before
    if not context.cert_store_stats()["x509_ca"] and not (directory and os.listdir(directory)):
        with contextlib.suppress(ImportError, OSError):
            import certifi  # it comes with what TensorFlow needs

            context.load_verify_locations(certifi.where())
    return context
