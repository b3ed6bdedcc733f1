"""Downloads that break off: what has arrived is kept, the rest is asked for, and the whole is verified."""

import errno
import hashlib
import http.server
import random
import re
import threading
import zipfile

import pytest
from PIL import Image

from course_utils.datasets import DataError, animals, downloads, horse2zebra, pairs, resumed, side_by_side

CONTENT = random.Random(0).randbytes(1_500_000)
SIZE = len(CONTENT)


class Shelf(http.server.ThreadingHTTPServer):
    """Serves one file under any name, and remembers what was asked for and how much was sent."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.content, self.breaks_after, self.ranges, self.says_length, self.shift = CONTENT, None, True, True, 0
        self.asked, self.sent = [], []
        self.url = f"http://127.0.0.1:{self.server_port}"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        shelf, asked, begin = self.server, self.headers.get("Range"), 0
        shelf.asked.append(asked)
        if shelf.content is None:
            self.send_error(404)
            return
        if asked and shelf.ranges:
            begin = int(re.fullmatch(r"bytes=(\d+)-", asked)[1]) + shelf.shift
            if begin >= len(shelf.content):
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(shelf.content)}")
                self.end_headers()
                return
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {begin}-{len(shelf.content) - 1}/{len(shelf.content)}")
        else:
            self.send_response(200)
        if shelf.says_length:
            self.send_header("Content-Length", str(len(shelf.content) - begin))
        self.end_headers()
        body = shelf.content[begin:][: shelf.breaks_after]
        shelf.sent.append(len(body))
        self.wfile.write(body)

    def log_message(self, *arguments):
        """Nothing."""


@pytest.fixture
def shelf(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    server = Shelf()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def verify(path):
    if path.read_bytes() != CONTENT:
        raise DataError(f"{path.name} is damaged; {downloads.AGAIN}")


def fetch(shelf, folder):
    url = f"{shelf.url}/big.bin"
    downloads.fetch("the set", folder, {"big.bin": verify}, lambda temporary: resumed.fetch_rest(url, temporary))


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_only_the_rest_is_fetched_after_a_connection_that_broke_off(shelf, tmp_path):
    shelf.breaks_after = 600_000
    for kept in ("0.6 of 1.5 MB; 0.6 MB are kept", "1.2 of 1.5 MB; 1.2 MB are kept"):
        with pytest.raises(DataError, match=f"the set could not be downloaded .*after {kept}") as found:
            fetch(shelf, tmp_path)
        assert "\n" not in str(found.value)
        assert len(str(found.value)) < 500
        assert names(tmp_path) == [".big.bin.part"]
    fetch(shelf, tmp_path)
    assert (tmp_path / "big.bin").read_bytes() == CONTENT
    assert names(tmp_path) == ["big.bin"]
    assert shelf.asked == [None, "bytes=600000-", "bytes=1200000-"]
    assert shelf.sent == [600_000, 600_000, 300_000]


def test_a_server_that_ignores_the_range_sends_the_whole_file(shelf, tmp_path):
    (tmp_path / ".big.bin.part").write_bytes(CONTENT[:1000])
    shelf.ranges = False
    fetch(shelf, tmp_path)
    assert (tmp_path / "big.bin").read_bytes() == CONTENT
    assert (shelf.asked, shelf.sent) == (["bytes=1000-"], [SIZE])


@pytest.mark.parametrize(("kept", "shift"), [(SIZE + 5, 0), (SIZE, 0), (1000, 7)], ids=["longer", "whole", "elsewhere"])
def test_a_part_that_the_server_cannot_continue_is_fetched_anew(shelf, tmp_path, kept, shift):
    (tmp_path / ".big.bin.part").write_bytes((CONTENT + b"other")[:kept])
    shelf.shift = shift  # it answers with another range than it was asked for
    fetch(shelf, tmp_path)
    assert (tmp_path / "big.bin").read_bytes() == CONTENT
    assert shelf.asked == [f"bytes={kept}-", None]


def test_a_part_of_another_file_is_found_by_the_checksum_and_not_kept(shelf, tmp_path):
    (tmp_path / ".big.bin.part").write_bytes(b"x" * 1000)
    with pytest.raises(DataError, match="damaged; nothing was kept"):
        fetch(shelf, tmp_path)
    assert names(tmp_path) == []
    fetch(shelf, tmp_path)
    assert names(tmp_path) == ["big.bin"]


def test_a_server_that_does_not_say_the_length(shelf, tmp_path):
    shelf.says_length = False
    fetch(shelf, tmp_path)
    shelf.breaks_after = 10
    with pytest.raises(DataError, match="damaged"):  # nobody could know but by the checksum
        fetch(shelf, tmp_path)
    assert (tmp_path / "big.bin").read_bytes() == CONTENT  # the earlier one


def test_a_file_that_is_not_there_leaves_nothing(shelf, tmp_path):
    shelf.content = None
    with pytest.raises(DataError, match=r"could not be downloaded \(.*404") as found:
        fetch(shelf, tmp_path)
    assert "kept" not in str(found.value)
    assert names(tmp_path) == []


def test_what_is_kept_stays_without_a_network_and_on_a_full_disk(shelf, tmp_path, monkeypatch):
    (tmp_path / ".big.bin.part").write_bytes(CONTENT[:700_000])
    url, shelf.url = shelf.url, "http://127.0.0.1:9"  # nobody listens there
    with pytest.raises(DataError, match=r"0\.7 MB are kept"):
        fetch(shelf, tmp_path)
    shelf.url = url

    def full(source, target):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(resumed.shutil, "copyfileobj", full)
        with pytest.raises(DataError, match="the disk is full"):
            fetch(shelf, tmp_path)
    fetch(shelf, tmp_path)
    assert shelf.sent[-1] == SIZE - 700_000


def test_horse2zebra_goes_on_where_it_stopped(shelf, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DATA_ROOT", str(tmp_path / "root"))
    source = tmp_path / "source.zip"
    Image.new("RGB", (256, 256), (200, 100, 0)).save(tmp_path / "a.jpg")
    with zipfile.ZipFile(source, "w") as archive:
        for folder in horse2zebra.FOLDERS:
            archive.write(tmp_path / "a.jpg", f"horse2zebra/{folder}/a.jpg")
    shelf.content = source.read_bytes()
    monkeypatch.setattr(horse2zebra, "URL", f"{shelf.url}/horse2zebra.zip")
    monkeypatch.setattr(horse2zebra, "SHA256", hashlib.sha256(shelf.content).hexdigest())
    shelf.breaks_after = 1000
    with pytest.raises(DataError, match=r"horse2zebra could not be downloaded .*kept"):
        animals.load(size="full")
    shelf.breaks_after = None
    plain, striped = animals.load(size="full")
    assert (len(plain.images), len(striped.images)) == (1, 1)
    assert shelf.asked == [None, "bytes=1000-"]
    assert names(tmp_path / "root") == ["horse2zebra"]


def test_facades_go_on_where_they_stopped(shelf, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DATA_ROOT", str(tmp_path))
    monkeypatch.setattr(side_by_side, "URL", shelf.url)
    shelf.breaks_after = 1000
    with pytest.raises(DataError, match=r"facades could not be downloaded .*kept"):
        pairs.load(size="full")
    shelf.breaks_after = None
    with pytest.raises(DataError, match=r"facades\.tar\.gz is damaged .*nothing was kept"):  # it is no archive
        pairs.load(size="full")
    assert shelf.asked == [None, "bytes=1000-"]
    assert names(tmp_path / "pix2pix") == []
