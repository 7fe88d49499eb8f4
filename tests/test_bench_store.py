"""A result's name says what it is of; what is not a result is refused; a user's own are published when asked."""

import json

import numpy as np
import pytest

from bench import keep, store
from bench import work as bench_work
from ref.common import machine
from ref.common.errors import BadInputError
from ref.data.idx import write_gzipped

MACHINE = {"cpu": "a CPU", "threads": 2, "gpu": "", "python": "3.11.7", "tensorflow": "2.21.0", "numpy": "2.4.6"}
WORK = {"data": "mnist", "rows": 55_000, "device": "cpu", "batch": 150, "width": 300, "frozen": 1, "rounds": 7}
ROW = {"who": "ours", "engine": "xla", "cached": True, "device": "cpu", "batch": 150, "ms_per_step": 0.5}
ROW |= {"examples_per_s": 300_000}


@pytest.fixture
def places(tmp_path, monkeypatch):
    """Own and kept results in a directory of the test's, on a machine as it is described here."""
    monkeypatch.setattr(machine, "describe_cpu", lambda: MACHINE["cpu"])
    monkeypatch.setattr(machine, "count_threads", lambda: MACHINE["threads"])
    monkeypatch.setattr(store, "ROOT", tmp_path)
    monkeypatch.setattr(store, "OWN", tmp_path / "data" / "bench")
    monkeypatch.setattr(store, "KEPT", tmp_path / "bench" / "results")
    return store.OWN, store.KEPT


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({}, "engines-mnist"),
        ({"data": "digits"}, "engines-digits"),
        ({"batch": 1000}, "engines-mnist-batch-1000"),
        ({"width": 1000, "frozen": 2}, "engines-mnist-width-1000-frozen-2"),
        ({"device": "gpu"}, "engines-mnist-gpu"),
        ({"device": "gpu", "tf32": True}, "engines-mnist-gpu-tf32"),
        ({"data": "my data/é-0123abcd", "batch": 5}, "engines-my-data-é-0123abcd-batch-5"),
    ],
)
def test_a_name_says_what_is_not_the_listings(changed, name):
    assert store.name_result("engines", WORK | changed) == name


def test_works_that_differ_have_names_that_differ():
    others = [{"data": "digits"}, {"batch": 10}, {"width": 10}, {"frozen": 10}, {"device": "gpu"}]
    names = [store.name_result(kind, WORK | other) for kind in store.KINDS for other in ({}, *others)]
    assert len(set(names)) == len(names)


def make_data(directory, seed):
    rnd = np.random.RandomState(seed)
    images, labels = rnd.randint(0, 256, (24, 28, 28), np.uint8), np.zeros(24, np.uint8)
    write_gzipped(directory, [images, labels, images, labels])
    return str(directory)


def test_directories_of_one_name_are_told_apart(tmp_path):
    described = [store.describe_data(make_data(tmp_path / str(seed) / "digits", seed)) for seed in (0, 1)]
    assert described[0]["data"] != described[1]["data"]
    assert all(data["data"].startswith("digits-") and data["rows"] == 22 for data in described)


def test_what_is_written_is_read(places):
    path = store.write_own("engines", MACHINE, WORK, [ROW])
    assert path == places[0] / bench_work.name_machine() / "engines-mnist.json"
    assert store.list_results(places[0]) == [path]
    result = store.read(path)
    assert (result["kind"], result["machine"], result["work"], result["rows"]) == ("engines", MACHINE, WORK, [ROW])


def test_nothing_measured_replaces_nothing(places):
    path = store.write_own("engines", MACHINE, WORK, [ROW])
    before = path.read_bytes()
    with pytest.raises(BadInputError, match="nothing was measured"):
        store.write_own("engines", MACHINE, WORK, [])
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "content",
    ["", "{}", "[]", '{"benchmarks": [{}]}', '{"kind": "x", "rows": [{}]}', '{"kind": "engines", "rows": []}'],
)
def test_another_file_is_refused(content, tmp_path):
    (tmp_path / "other.json").write_text(content)
    with pytest.raises(BadInputError, match="not a file of make bench's"):
        store.read(tmp_path / "other.json")


def test_keep_publishes_this_machines(places, capsys):
    peers = store.write_own("peers", MACHINE, WORK, [ROW | {"quartiles_ms": [0.4, 0.6]}])
    store.write_own("engines", MACHINE, WORK | {"data": "digits"}, [ROW])
    store.write(places[0] / "another-machine" / "engines-mnist.json", store.read(peers))
    keep.main([])
    kept = sorted(path.relative_to(places[1]).as_posix() for path in places[1].rglob("*.json"))
    name = bench_work.name_machine()
    assert kept == sorted([f"{name}/peers-mnist.json", f"{name}/engines-digits.json", "summary.json"])
    assert json.loads((places[1] / "summary.json").read_text()) == [ROW]
    assert capsys.readouterr().out.count("kept: ") == 2


def test_keep_of_other_sizes_leaves_the_summary(places):
    keep.main([str(store.write_own("peers", MACHINE, WORK | {"batch": 500}, [ROW]))])
    assert not (places[1] / "summary.json").exists()


def test_keep_without_results_and_of_a_file_elsewhere(places, tmp_path):
    with pytest.raises(BadInputError, match="make bench first"):
        keep.main([])
    path = store.write_own("engines", MACHINE, WORK, [ROW])
    elsewhere = path.rename(tmp_path / "engines-mnist.json")
    with pytest.raises(BadInputError, match="not one of yours"):
        keep.main([str(elsewhere)])


@pytest.mark.parametrize(
    ("part", "changed"),
    [
        ("machine", {"cpu": "another CPU"}),
        ("machine", {"threads": 4}),
        ("work", {"data": "digits"}),
        ("work", {"batch": 500}),
        ("work", {"device": "gpu"}),
    ],
)
def test_keep_publishes_nothing_under_anothers_name(part, changed, places):
    path = store.write_own("engines", MACHINE, WORK, [ROW])
    result = store.read(path)
    store.write(path, result | {part: result[part] | changed})
    with pytest.raises(BadInputError, match="expected what its name says"):
        keep.main([])
    assert not list(places[1].rglob("*.json"))
