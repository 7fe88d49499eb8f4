"""The download, and servers that fail in every way: one line says why, the next mirror is asked, nothing is lost."""

import contextlib
import errno
import gzip
import itertools
import os
import re
import shutil
import socket
import ssl
import struct
import subprocess
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from conftest import make_tiny_arrays

from ref.common.errors import BadInputError
from ref.data import download, fetch, idx
from scripts import torture_data

FILE = "t10k-labels-idx1-ubyte"
ARRAYS = make_tiny_arrays()
GOOD = gzip.compress(idx.encode_idx(ARRAYS[FILE]), mtime=0)
LIMITS = fetch.Limits(whole_s=10, silence_s=0.3, max_bytes=50_000)
IMPATIENT = fetch.Limits(whole_s=0.3, silence_s=10, max_bytes=50_000)


def answer(body=b"", status="200 OK", *headers):
    """Return the bytes of a whole answer, with its length unless ``headers`` says something else."""
    headers = headers or (f"Content-Length: {len(body)}",)
    return "\r\n".join([f"HTTP/1.1 {status}", *headers, "Connection: close", "", ""]).encode() + body


def drip(content):
    for byte in itertools.cycle(content):
        yield bytes([byte])
        time.sleep(0.01)


def chunked(*chunks):
    return answer(b"".join(chunks), "200 OK", "Transfer-Encoding: chunked")


ZEROS = bytes(1 << 14)
CUT = object()  # the connection is reset
# What a server answers: bytes, or what yields them piece by piece; and what has to be said of it.
FAULTY = {
    "not found": (answer(b"no", "404 Not Found"), "HTTP Error 404"),
    "broken": (answer(b"no", "500 Internal Server Error"), "HTTP Error 500"),
    "busy": (answer(b"no", "503 Slow Down"), "HTTP Error 503"),
    "no content": (answer(b"", "204 No Content"), "answers 204"),
    "a part": (answer(GOOD[:9], "206 Partial Content"), "answers 206"),
    "a status with control characters": (answer(b"", "404 \x1b[31mred"), r"404: \?\[31mred"),
    "redirects in a circle": (answer(b"", "302 Found", f"Location: /redirects in a circle/{FILE}.gz"), "infinite loop"),
    "redirects to nowhere": (answer(b"", "302 Found"), "HTTP Error 302"),
    "redirects to a file": (answer(b"", "302 Found", "Location: file:///etc/passwd"), "HTTP Error 302"),
    "redirects to port 99999": (
        answer(b"", "302 Found", "Location: http://127.0.0.1:99999/"),
        "port must be|refused|nvalid",
    ),
    "redirects to no host": (answer(b"", "302 Found", "Location: http://[/"), "Invalid IPv6 URL"),
    "announces too much": (answer(b"x", "200 OK", "Content-Length: 10000000000"), "announces 10000000000 bytes, more"),
    "without an end": ([answer(b"", "200 OK", "X: y"), *[ZEROS] * 9], "more than the 50000 bytes"),
    "chunks without an end": ([chunked(), *[b"4000\r\n" + ZEROS + b"\r\n"] * 9], "more than the 50000 bytes"),
    "chunks of garbage": (chunked(b"many\r\n", GOOD), "IncompleteRead"),
    "a chunk cut": (chunked(b"ff\r\n", GOOD[:9]), "IncompleteRead|more expected"),
    "shorter than announced": (answer(GOOD[:9], "200 OK", "Content-Length: 99"), "ended after 9 of 99 bytes"),
    "longer than announced": (answer(GOOD, "200 OK", "Content-Length: 9"), "truncated gzip"),
    "closes at once": (b"", "closed connection|reset"),
    "is cut before its answer": ([CUT], "reset|closed connection"),
    "is cut in its headers": ([answer()[:20], CUT], "reset|closed connection|ended after"),
    "is cut in its body": ([answer(GOOD[:9], "200 OK", "Content-Length: 99"), CUT], "reset|ended after"),
    "garbage for a status": (b"\x00\xff\x00\xff\r\n\r\n", "\\?"),
    "another protocol": (b"220 ftp.example.org ready\r\n", "220 ftp"),
    "a line without an end": ([b"HTTP/1.1 200 OK\r\nX: ", *[b"x" * 9999] * 9], "more than 65536 bytes"),
    "headers without an end": ([b"HTTP/1.1 200 OK\r\n", *[b"X: y\r\n"] * 200], "more than 100 headers"),
    "empty": (answer(b""), "sends what is empty"),
    "a web page": (answer(b"<!DOCTYPE html><title>Log in</title>"), "sends what is a web page"),
    "a zip archive": (answer(b"PK\x03\x04"), "sends what is a zip archive"),
    "noise": (answer(b"\x00\x01\x02\x03"), "no gzip file .0x00010203"),
    "a truncated file": (answer(GOOD[:-1]), "truncated gzip"),
    "a damaged file": (answer(GOOD[:-8] + bytes(8)), "damaged gzip"),
    "a file and more": (answer(GOOD + b"x"), "holds more after the end"),
    "another file": (answer(gzip.compress(b"another")), "has sha256 .*, expected"),
    "a bomb": (answer(gzip.compress(bytes(9_000_000))), "unzips to more than 1000000 bytes"),
}
SLOW = {
    "drips its body": lambda: itertools.chain([answer(b"", "200 OK", "Content-Length: 9999")], drip(b"x")),
    "drips without a length": lambda: itertools.chain([answer(b"", "200 OK", "X: y")], drip(b"x")),
    "drips a chunk's size": lambda: itertools.chain([chunked()], drip(b"0")),
    "drips its headers": lambda: itertools.chain([b"HTTP/1.1 200 OK\r\n"], drip(b"X: y\r\n")),
    "drips a header": lambda: itertools.chain([b"HTTP/1.1 200 OK\r\nX: "], drip(b"y")),
    "drips its status": lambda: drip(b"HTTP/1.1 "),
}


class Server:
    """Answers each path with what ``answers`` has for its first part, on a port of its own, and counts how often."""

    def __init__(self, context: ssl.SSLContext | None = None):
        self.answers, self.n_asked, self._context = {"good": answer(GOOD)}, 0, context
        self._is_closing = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http{'s' if context else ''}://localhost:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self._answer, args=(self._socket.accept()[0],), daemon=True).start()

    def _answer(self, connection):
        with contextlib.suppress(OSError, LookupError), connection:
            if self._context:
                connection = self._context.wrap_socket(connection, server_side=True)
            with connection:
                name = connection.recv(1 << 16).split()[1].decode("latin-1").replace("%20", " ").split("/")[1]
                self.n_asked += 1
                parts = self.answers[name]
                for part in [parts] if isinstance(parts, bytes) else parts:
                    if part is CUT:
                        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                        return
                    if part is None:
                        self._is_closing.wait()
                        return
                    connection.sendall(part)

    def close(self):
        self._is_closing.set()
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


@pytest.fixture
def server(monkeypatch):
    """A faulty server; MNIST is one small file."""
    monkeypatch.setattr(download, "FILES", (FILE,))
    monkeypatch.setattr(download, "MNIST_SHA256", {FILE: idx.hash_array_file(ARRAYS[FILE])})
    monkeypatch.setattr(download, "MAX_UNZIPPED_BYTES", 1_000_000)
    monkeypatch.setenv("no_proxy", "*")
    server = Server()
    yield server
    server.close()


def fail(directory, url, limits=LIMITS):
    """Return the one line of a download that fails, after which nothing is in ``directory``."""
    with pytest.raises(BadInputError) as error:
        download.download(directory, (url,), limits)
    assert str(error.value).isprintable()
    assert str(error.value).startswith(f"{directory / FILE}.gz: could not be fetched ({url}/{FILE}.gz: ")
    assert not list(directory.iterdir())
    return str(error.value)


def check_second_mirror(directory, url, server, limits=LIMITS):
    download.download(directory, (url, f"{server.url}/good"), limits)
    np.testing.assert_array_equal(idx.read_idx(directory / f"{FILE}.gz"), ARRAYS[FILE])
    assert os.listdir(directory) == [f"{FILE}.gz"]


@pytest.mark.parametrize("case", FAULTY)
def test_a_faulty_server_is_named_with_its_fault_and_the_next_is_asked(case, server, tmp_path):
    server.answers[case], says = FAULTY[case]
    url = f"{server.url}/{case.replace(' ', '%20')}"
    line = fail(tmp_path, url)
    assert re.search(says, line), line
    check_second_mirror(tmp_path, url, server)


@pytest.mark.parametrize("case", SLOW)
def test_a_server_that_drips_is_given_up_in_time(case, server, tmp_path):
    server.answers["slow"] = SLOW[case]()
    start_s = time.monotonic()
    assert "not done after 0.3 s, " in fail(tmp_path, f"{server.url}/slow", IMPATIENT)
    assert time.monotonic() - start_s < 5
    server.answers["slow"] = SLOW[case]()
    check_second_mirror(tmp_path, f"{server.url}/slow", server, IMPATIENT)


def test_a_silent_server_is_given_up(server, tmp_path):
    server.answers["silent"] = [None]
    assert "timed out" in fail(tmp_path, f"{server.url}/silent")
    assert "not done after 0.3 s" in fail(tmp_path, f"{server.url}/silent", IMPATIENT)


def test_servers_that_are_not_there(server, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert "refused" in fail(tmp_path, f"http://127.0.0.1:{port}")
    assert "SSL" in fail(tmp_path, f"{server.url.replace('http:', 'https:')}/good")


@pytest.mark.parametrize("length", ["many", "-1", "", "1e9"])
def test_a_length_that_is_no_number_is_read_over(length, server, tmp_path):
    server.answers["odd"] = answer(GOOD, "200 OK", f"Content-Length: {length}")
    download.download(tmp_path, (f"{server.url}/odd",), LIMITS)
    assert (tmp_path / f"{FILE}.gz").read_bytes() == GOOD


def test_what_is_intact_is_kept_and_what_is_not_is_fetched_again(server, tmp_path, monkeypatch):
    mirrors = (f"{server.url}/good",)
    download.download(tmp_path / "mnist", mirrors, LIMITS)
    path = tmp_path / "mnist" / f"{FILE}.gz"
    before = path.stat().st_mtime_ns
    with monkeypatch.context() as patch:
        patch.setattr(download, "make_directory", None)  # nothing is written, not even to see whether that is possible
        download.download(tmp_path / "mnist", mirrors, LIMITS)
    assert (server.n_asked, path.stat().st_mtime_ns) == (1, before)
    for content in (b"", b"half a fi", GOOD[:-1], idx.encode_idx(ARRAYS[FILE])[:-1]):
        path.write_bytes(content)
        download.download(tmp_path / "mnist", mirrors, LIMITS)
        assert path.read_bytes() == GOOD


def test_a_plain_file_counts_and_is_mended_where_it_is(server, tmp_path):
    """It is what would be read, whatever lies beside it."""
    path = tmp_path / FILE
    path.write_bytes(idx.encode_idx(ARRAYS[FILE]))
    download.download(tmp_path, (f"{server.url}/good",), LIMITS)
    assert server.n_asked == 0
    path.write_bytes(path.read_bytes()[:-1])
    download.download(tmp_path, (f"{server.url}/good",), LIMITS)
    np.testing.assert_array_equal(idx.read_idx(path), ARRAYS[FILE])


def test_another_data_set_is_not_written_over(server, tmp_path):
    path = tmp_path / f"{FILE}.gz"
    path.write_bytes(gzip.compress(idx.encode_idx(ARRAYS[FILE][::-1])))
    before = path.read_bytes()
    with pytest.raises(BadInputError, match=r"another data set's .*; move it, or choose another directory"):
        download.download(tmp_path, (f"{server.url}/good",), LIMITS)
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", [FILE, f"{FILE}.gz"])
@pytest.mark.parametrize(
    ("found", "make"),
    [
        ("a FIFO", os.mkfifo),
        ("a directory", os.mkdir),
        ("a device", lambda path: path.symlink_to("/dev/zero")),
    ],
)
def test_what_is_no_file_is_refused_under_a_files_name(name, found, make, server, tmp_path):
    make(tmp_path / name)
    with pytest.raises(BadInputError, match=rf"{name}: is {found}, expected MNIST's own file, or nothing; remove it"):
        download.download(tmp_path, (f"{server.url}/good",), LIMITS)
    assert server.n_asked == 0


def test_a_directory_that_cannot_be_written_is_one_line(server, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(BadInputError, match=r"mnist: cannot be written .*; choose another \(MNIST_DIR\)"):
        download.download(tmp_path / "file" / "mnist", (f"{server.url}/good",), LIMITS)
    assert server.n_asked == 0


def test_a_full_disk_is_one_line(server, tmp_path, monkeypatch):
    @contextlib.contextmanager
    def full(path):
        raise OSError(errno.ENOSPC, "No space left on device")
        yield

    monkeypatch.setattr(download, "open_atomically", full)
    with pytest.raises(BadInputError, match=r"cannot be written \(No space left on device\), expected room for"):
        download.download(tmp_path, (f"{server.url}/good",), LIMITS)


def test_two_downloads_to_one_directory_fetch_each_file_once(server, tmp_path):
    threads = [
        threading.Thread(target=download.download, args=(tmp_path, (f"{server.url}/good",), LIMITS)) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert server.n_asked == 1
    assert os.listdir(tmp_path) == [f"{FILE}.gz"]


def test_a_download_that_is_killed_at_any_file_operation_leaves_nothing_behind():
    n_operations, faults = torture_data.kill_at_each_operation()
    assert faults == []
    assert n_operations >= 5


def test_mirrors_are_two_and_https():
    assert len(download.MIRRORS) == 2
    assert all(mirror.startswith("https://") for mirror in download.MIRRORS)


def test_limits_let_mnist_through():
    """Its largest file has 9,912,422 bytes, and 47,040,016 unzipped."""
    assert fetch.Limits().max_bytes >= 9_912_422
    assert download.MAX_UNZIPPED_BYTES >= 16 + 60_000 * 784


@pytest.mark.parametrize("url", ["http://example.org/x", "ftp://example.org/x", "file:///etc/passwd"])
def test_no_redirect_leaves_https(url):
    request = urllib.request.Request("https://example.org/x")
    with pytest.raises(urllib.error.URLError, match=r"redirects to .*, where https was expected"):
        fetch._SafeRedirects().redirect_request(request, None, 302, "Found", {}, url)
    assert fetch._SafeRedirects().redirect_request(request, None, 302, "Found", {}, "https://example.net/y")


def test_https_has_the_roots_that_were_looked_for_and_http_needs_none(monkeypatch):
    context = ssl.create_default_context()
    monkeypatch.setattr(fetch, "make_tls_context", lambda: context)
    used = {}
    for scheme in ("https", "http"):
        handlers = fetch._make_opener(f"{scheme}://example.org/x").handlers
        (handler,) = (one for one in handlers if isinstance(one, urllib.request.HTTPSHandler))
        used[scheme] = handler._context
    assert used["https"] is context
    assert used["http"] is not context


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for localhost that nobody trusts, and its key, in one file."""
    if not shutil.which("openssl"):
        pytest.skip("no openssl to make a certificate with")
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    names = ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(path), "-out", str(path) + ".crt"]
    subprocess.run([*command.split(), *names], check=True, capture_output=True)
    path.write_text(path.read_text() + Path(str(path) + ".crt").read_text())
    return path


def test_tls_is_verified_and_not_left(certificate, server, tmp_path, monkeypatch):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    tls = Server(context)
    tls.answers["to http"] = answer(b"", "302 Found", f"Location: {server.url}/good/{FILE}.gz")
    assert "CERTIFICATE_VERIFY_FAILED" in fail(tmp_path, f"{tls.url}/good")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert "where https was expected" in fail(tmp_path, f"{tls.url}/to%20http")
    download.download(tmp_path, (f"{tls.url}/good",), LIMITS)
    assert (tmp_path / f"{FILE}.gz").read_bytes() == GOOD
    assert server.n_asked == 0
    tls.close()


def test_certifis_roots_stand_in_where_the_system_has_none(certificate, tmp_path, monkeypatch):
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))  # it is empty
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert fetch.make_tls_context().cert_store_stats()["x509"] == 1
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing"))
    context = fetch.make_tls_context()
    assert context.cert_store_stats()["x509_ca"] > 50
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname


@pytest.mark.parametrize("missing", idx.FILES)
def test_whichever_file_is_missing_it_is_fetched_and_no_other(missing, tmp_path, monkeypatch):
    asked = []

    def answer_at_once(url, limits):
        asked.append(url)
        return gzip.compress(idx.encode_idx(ARRAYS[url.rpartition("/")[2].removesuffix(".gz")]))

    monkeypatch.setattr(download, "fetch", answer_at_once)
    hashes = {file: idx.hash_array_file(array) for file, array in ARRAYS.items()}
    monkeypatch.setattr(download, "MNIST_SHA256", hashes)
    download.download(tmp_path, ("https://mirror",))
    assert asked == [f"https://mirror/{file}.gz" for file in idx.FILES]
    (tmp_path / f"{missing}.gz").unlink()
    download.download(tmp_path, ("https://mirror",))
    assert asked[4:] == [f"https://mirror/{missing}.gz"]


def test_nothing_of_another_hash_is_let_in(server, tmp_path):
    """Whether its hash comes before MNIST's or after it: of 32 files some do either."""
    for n in range(32):
        labels = np.full(n + 1, n % 10, np.uint8)
        server.answers["other"] = answer(gzip.compress(idx.encode_idx(labels)))
        assert "has sha256" in fail(tmp_path, f"{server.url}/other")
