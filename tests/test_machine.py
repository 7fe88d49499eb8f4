"""What the machine is said to be, read from what Linux writes of it."""

import math
import os
import platform
import resource
from pathlib import Path

import pytest

from ref.common import machine

CPU = "processor\t: 0\nmodel name\t: {name}\nmodel\t\t: 17\ncpu family\t: 25\n\nprocessor\t: 1\nmodel name\t: B\n"
MEMORY = "MemTotal: 900 kB\nMemAvailable:  100 kB\nSwapFree: 7 kB\nHugePages_Total: 0\n"


@pytest.fixture
def lay(tmp_path, monkeypatch):
    """A function that lets the module read ``text`` in the place of a file of /proc, or find none there."""

    def put(text):
        def read(path):
            if text is None:
                raise FileNotFoundError(path)
            (tmp_path / "file").write_text(text)
            return open(tmp_path / "file")

        monkeypatch.setattr(machine, "open", read, raising=False)

    return put


def test_a_cpu_is_its_name_family_and_model(lay):
    lay(CPU.format(name="AMD EPYC"))
    assert machine.describe_cpu() == "AMD EPYC (family 25, model 17)"


@pytest.mark.parametrize("missing", ["model\t\t", "cpu family\t"])
def test_a_cpu_that_tells_less(missing, lay):
    lay("".join(line for line in CPU.format(name="X: 1").splitlines(True) if not line.startswith(missing)))
    assert machine.describe_cpu() == "X: 1"


@pytest.mark.parametrize("text", [None, "", "processor\t: 0\n"])
@pytest.mark.parametrize("processor", ["arm", ""])
def test_a_cpu_that_tells_nothing(text, processor, lay, monkeypatch):
    lay(text)
    monkeypatch.setattr(platform, "processor", lambda: processor)
    assert machine.describe_cpu() == (processor or platform.machine())


def test_threads_without_an_affinity(monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    for found, expected in ((5, 5), (None, 1)):
        monkeypatch.setattr(os, "cpu_count", lambda found=found: found)
        assert machine.count_threads() == expected


@pytest.fixture
def unlimited(monkeypatch):
    monkeypatch.setattr(machine, "_list_container_limits", list)
    monkeypatch.setattr(resource, "getrlimit", lambda _: (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def test_memory_is_what_is_available_with_the_swap(lay, unlimited):
    lay(MEMORY)
    assert machine.count_available_memory() == 107 * 1024
    for text in (None, ""):
        lay(text)
        assert machine.count_available_memory() == math.inf


@pytest.mark.parametrize(("limit", "expected"), [("50000", 50000 + 7 * 1024), ("max", 107 * 1024), (None, 107 * 1024)])
def test_memory_is_no_more_than_a_container_has(limit, expected, lay, unlimited, tmp_path, monkeypatch):
    lay(MEMORY)
    if limit:
        (tmp_path / "memory.max").write_text(f"{limit}\n")
    monkeypatch.setattr(machine, "_list_container_limits", lambda: [tmp_path / "nothing", tmp_path / "memory.max"])
    assert machine.count_available_memory() == expected


def test_memory_is_no_more_than_the_address_space_that_is_left(lay, unlimited, monkeypatch):
    lay(None)
    monkeypatch.setattr(Path, "read_text", lambda path: "100 50 3" if str(path) == "/proc/self/statm" else "")
    monkeypatch.setattr(resource, "getpagesize", lambda: 4096)
    asked = []
    monkeypatch.setattr(resource, "getrlimit", lambda what: asked.append(what) or (10**6, resource.RLIM_INFINITY))
    assert machine.count_available_memory() == 10**6 - 100 * 4096
    assert asked == [resource.RLIMIT_AS]


def test_groups_up_to_the_root_are_asked(monkeypatch):
    monkeypatch.setattr(Path, "read_text", lambda path: "3:cpu:/\n0::/user/mine\n")
    found = [str(path) for path in machine._list_container_limits()]
    assert found[:3] == [f"/sys/fs/cgroup{name}/memory.max" for name in ("/user/mine", "/user", "")]
    assert found[-1] == "/sys/fs/cgroup/memory/memory.limit_in_bytes"


@pytest.mark.parametrize(("limit", "n_blocks", "expected"), [(None, 9, 70), (30, 9, 30), (None, 0, math.inf)])
def test_room_is_what_the_disk_and_the_limit_leave(limit, n_blocks, expected, unlimited, tmp_path, monkeypatch):
    statvfs = os.statvfs(tmp_path)
    fields = {name: getattr(statvfs, name) for name in dir(statvfs) if name.startswith("f_")}
    fields |= {"f_blocks": n_blocks, "f_bavail": 7, "f_bfree": 8, "f_frsize": 10, "f_bsize": 99}
    monkeypatch.setattr(os, "statvfs", lambda _: type("Status", (), fields))
    if limit:
        monkeypatch.setattr(resource, "getrlimit", lambda _: (limit, limit))
    assert machine.count_free_disk(tmp_path) == expected
