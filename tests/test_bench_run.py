"""A run keeps what it measured, or nothing; what cannot be is said before; unlike things are not compared."""

import json
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from bench import compare, limits, run, store
from bench import work as bench_work
from ref.common import machine
from ref.common.errors import BadInputError

CPU = {"cpu": "a CPU", "threads": 2, "gpu": "", "system": "Linux", "settings": ""}
MACHINE = CPU | {"python": "3.11.7", "tensorflow": "2.21.0", "numpy": "2.4.6"}
WORK = {"data": "mnist", "rows": 55_000, "sha256": "ab", "device": "cpu", "width": 300, "frozen": 1, "rounds": 7}


def make_result(ms=1.0, work=(), machine=(), **row):
    row = {"engine": "xla", "batch": 150, "cached": True, "ms_per_step": ms} | row
    return {"kind": "engines", "machine": MACHINE | dict(machine), "work": WORK | dict(work), "rows": [row]}


@pytest.fixture
def places(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "ROOT", tmp_path)
    monkeypatch.setattr(store, "OWN", tmp_path / "data" / "bench")
    monkeypatch.setattr(store, "KEPT", tmp_path / "bench" / "results")
    monkeypatch.setattr(run, "measure_peak", lambda device, tf32: 100.0)
    monkeypatch.setattr(bench_work, "describe_machine", lambda: dict(MACHINE))
    monkeypatch.setattr(store, "describe_data", lambda data: {"data": data or "mnist", "rows": 1000, "sha256": "ab"})
    return tmp_path


@pytest.fixture
def pytest_runs(monkeypatch):
    """What pytest is called with, in place of being run; it ends and leaves what the test says."""
    calls = SimpleNamespace(words=[], code=0, content={"benchmarks": []})

    def call(words, cwd):
        calls.words.append(words)
        path = next(word.partition("=")[2] for word in words if word.startswith("--benchmark-json="))
        if calls.content is not None:
            with open(path, "w") as file:
                json.dump(calls.content, file)
        return SimpleNamespace(returncode=calls.code)

    monkeypatch.setattr(subprocess, "run", call)
    return calls


def measured(ms=1.0):
    row = {"engine": "xla", "batch": 150, "cached": True, "ms_per_step": ms}
    return {"benchmarks": [{"extra_info": row, "stats": {"rounds": 7}}]}


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["engines", "--batch", "0"], "'0' found"),
        (["engines", "--batch", "abc"], "'abc' found"),
        (["engines", "--batch", "1001"], "larger than the 1,000 rows of mnist"),
        (["engines", "--width", "1"], "half as many"),
        (["engines", "--frozen", "-1"], "'-1' found"),
        (["engines", "--frozen", "9999"], "'9999' found, expected 20"),
        (["engines", "--frozen", "20", "--width", "999999"], "GB of memory at least"),
        (["engines", "--threads", "0"], "'0' found"),
        (["engines", "--threads", "100000"], "this process may use"),
        (["engines", "--device", "gpu"], "make doctor"),
        (["growth", "--device", "gpu"], "make doctor"),
        (["ports", "--device", "gpu"], "make doctor"),
        (["engines", "--tf32"], "--device gpu"),
        (["ports", "--tf32"], "--tf32: unknown flag"),
        (["ports", "--batch", "10"], "--batch: unknown flag"),
        (["growth", "--data", "digits"], "--data: unknown flag"),
        (["engines", "--compare"], "make bench first"),
    ],
)
def test_what_cannot_be_measured_is_said_before(argv, said, places, pytest_runs):
    with pytest.raises(BadInputError, match=said) as raised:
        run.main(argv)
    assert "\n" not in str(raised.value)
    assert not pytest_runs.words
    assert not list(places.rglob("*.json"))


@pytest.mark.parametrize("kind", ["engines", "growth", "ports"])
@pytest.mark.parametrize(
    ("code", "content"),
    [(0, {"benchmarks": []}), (0, {}), (0, None), (1, measured()), (2, None), (5, {"benchmarks": []})],
)
def test_a_run_without_a_result_keeps_none_and_replaces_none(code, content, kind, places, pytest_runs):
    pytest_runs.content = measured()
    run.main([kind])
    (path,) = store.list_results(store.OWN)
    before = path.read_bytes()
    pytest_runs.code, pytest_runs.content = code, content
    with pytest.raises(BadInputError, match="nothing is kept"):
        run.main([kind])
    assert path.read_bytes() == before
    assert store.list_results(store.OWN) == [path]


def test_an_interrupted_run_keeps_none(places, monkeypatch):
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        run.main(["engines"])
    assert not list(places.rglob("*.json"))


def test_other_data_and_other_sizes_go_to_other_files(places, pytest_runs):
    pytest_runs.content = measured()
    for argv in ([], ["--data", "digits"], ["--batch", "10"], ["--width", "10", "--frozen", "2"]):
        run.main(["engines", *argv])
    assert [path.stem for path in store.list_results(store.OWN)] == [
        "engines-digits",
        "engines-mnist",
        "engines-mnist-batch-10",
        "engines-mnist-width-10-frozen-2",
    ]
    for words in pytest_runs.words:
        assert "--data" in words
    assert pytest_runs.words[-1][-4:] == ["--width", "10", "--frozen", "2"]
    result = store.read(store.list_results(store.OWN)[0])
    assert result["work"]["peak_gflop_per_s"] == 100.0
    assert result["work"]["rounds"] == 7


def test_compare_prefers_the_users_own_and_keeps_nothing(places, pytest_runs, capsys):
    pytest_runs.content = measured(1.0)
    run.main(["engines"])
    (own,) = store.list_results(store.OWN)
    before = own.read_bytes()
    pytest_runs.content = measured(1.2)
    run.main(["engines", "--compare"])
    assert "1.20" in capsys.readouterr().out
    pytest_runs.content = measured(1.6)
    with pytest.raises(BadInputError, match=r"1\.60"):
        run.main(["engines", "--compare"])
    assert own.read_bytes() == before
    store.write(store.KEPT / own.relative_to(store.OWN), store.read(own))
    own.unlink()
    pytest_runs.content = measured(1.1)
    run.main(["engines", "--compare"])
    assert "1.10" in capsys.readouterr().out


def test_compare_of_another_version_is_refused_before_it_is_measured(places, pytest_runs):
    path = store.find_own("engines", WORK)
    store.write(path, make_result(work={"rows": 1000}, machine={"tensorflow": "2.19.0"}))
    pytest_runs.content = measured()
    with pytest.raises(BadInputError, match=r"2\.19\.0.*2\.21\.0.*--across-versions"):
        run.main(["engines", "--compare"])
    assert not pytest_runs.words
    run.main(["engines", "--compare", "--across-versions"])


@pytest.mark.parametrize(
    ("part", "changed"),
    [
        ("work", {"data": "digits"}),
        ("work", {"rows": 11_000}),
        ("work", {"sha256": "cd"}),
        ("work", {"device": "gpu"}),
        ("work", {"batch": 1000}),
        ("work", {"width": 1000}),
        ("work", {"frozen": 2}),
        ("work", {"tf32": True}),
        ("machine", {"cpu": "another CPU"}),
        ("machine", {"threads": 1}),
        ("machine", {"gpu": "a GPU"}),
        ("machine", {"settings": "TF_ENABLE_ONEDNN_OPTS=0"}),
        ("machine", {"tensorflow": "2.19.0"}),
        ("machine", {"numpy": "2.2.0"}),
    ],
)
def test_unlike_things_are_not_compared(part, changed, tmp_path):
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    store.write(old, make_result())
    store.write(new, make_result(**{part: changed}))
    for first, second in ((old, new), (new, old)):
        with pytest.raises(BadInputError) as raised:
            compare.main([str(first), str(second)])
        message = str(raised.value)
        (value,) = changed.values()
        assert repr(value) in message
        assert str(first) in message
        assert str(second) in message
    is_version = next(iter(changed)) in compare.VERSIONS
    if is_version:
        compare.main([str(old), str(new), "--across-versions"])
    else:
        with pytest.raises(BadInputError):
            compare.main([str(old), str(new), "--across-versions"])


def test_what_was_measured_is_not_what_it_is_of(tmp_path):
    store.write(tmp_path / "old.json", make_result(work={"peak_gflop_per_s": 90.0, "rounds": 3}))
    result = make_result()
    del result["work"]["sha256"]  # an older one
    store.write(tmp_path / "new.json", result)
    compare.main([str(tmp_path / "old.json"), str(tmp_path / "new.json")])


def test_compare_tells_what_became_slower(capsys):
    rows = [{"engine": name, "cached": True, "ms_per_step": 1.0} for name in ("a", "b", "only-old")]
    old, new = {"rows": rows}, {"rows": [rows[0] | {"ms_per_step": 1.6}, rows[1] | {"ms_per_step": 0.5}]}
    with pytest.raises(BadInputError, match=r"a · cached 1\.60"):
        compare.compare(old, new)
    assert "only in the old" in capsys.readouterr().out
    with pytest.raises(BadInputError, match="no case in common"):
        compare.compare(old, {"rows": [{"engine": "c", "cached": True, "ms_per_step": 1.0}]})


def test_compare_without_a_result(tmp_path):
    with pytest.raises(BadInputError, match="make bench"):
        compare.main([str(tmp_path / "no.json"), str(tmp_path / "new.json")])


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no affinity here")
def test_threads_are_cores_of_the_process_and_its_children():
    code = (
        "from bench.limits import limit_threads; from ref.common.machine import count_threads; import subprocess, sys;"
        "limit_threads(1); print(count_threads(), flush=True);"
        "subprocess.run([sys.executable, '-c', 'from ref.common.machine import count_threads; print(count_threads())'])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=store.ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "1"]


def test_threads_without_affinity(monkeypatch):
    monkeypatch.setattr(machine, "count_threads", lambda: 4)
    monkeypatch.delattr(os, "sched_setaffinity", raising=False)
    limits.limit_threads(None)
    limits.limit_threads(4)
    with pytest.raises(BadInputError, match="lets no process choose"):
        limits.limit_threads(2)


@pytest.mark.parametrize("path", store.list_results(store.KEPT), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_each_row_of_a_kept_result_is_a_case_of_its_own(path):
    result = store.read(path)
    assert len(compare.read_cases(result)) == len(result["rows"])
    assert path.stem == store.name_result(result["kind"], result["work"])


@pytest.mark.parametrize("value", ["-1", "0", "nan", "inf", "fast"])
def test_a_threshold_is_a_number_above_0(value, tmp_path):
    with pytest.raises(BadInputError, match=r"--threshold.*expected a number above 0"):
        compare.main(["old.json", "new.json", f"--threshold={value}"])
