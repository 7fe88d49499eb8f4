"""What doctor says of packages, computer, data and all in all."""

import json
from pathlib import Path

import pytest
from stand_ins import DRIVER, PACKAGED, Environment, lay, needs_compiler

from ref.common import machine
from ref.common.errors import BadInputError
from ref.doctor import cli, computer, data, packages, probe
from ref.doctor.rows import WIDTH, Row, Section, format_section

ROOT = Path(__file__).resolve().parents[1]
TENSORFLOW = {"version": "2.21.0", "product": 512.0, "import_s": 1.0, "directory": "/site/tensorflow"}


@pytest.fixture
def environment(tmp_path):
    return Environment(tmp_path / "environment")


@pytest.fixture
def found(monkeypatch):
    """A function that lets doctor find sections."""
    return lambda *sections: monkeypatch.setattr(cli, "examine", lambda: iter(sections))


def test_all_works(found, capsys):
    found(Section("packages", [Row("python", "3.11")]), Section("gpu", [Row("TensorFlow", "sees NVIDIA H200")]))
    cli.main([])
    assert capsys.readouterr().out == (
        "packages\n  python 3.11\n\ngpu\n  TensorFlow sees NVIDIA H200\n\n"
        "verdict\n  cpu works\n  gpu works: TensorFlow sees NVIDIA H200\n"
    )


def test_no_gpu_is_no_error(found, capsys):
    found(
        Section("packages", [Row("python", "3.11")]),
        Section("gpu", [Row("a", "", "first"), Row("b", "", "second")]),
    )
    cli.main([])
    verdict = capsys.readouterr().out.partition("verdict\n")[2]
    assert verdict == "  cpu works\n  gpu not used, for 2 reasons\n      1. first\n      2. second\n"


def test_what_is_broken_is_an_error(found, capsys):
    broken = Section("packages", [Row("a", "", "first"), Row("b", "", "second")])
    found(broken, Section("gpu", [Row("TensorFlow", "sees none")]))
    with pytest.raises(BadInputError, match=r"^first$"):
        cli.main([])
    assert "cpu broken, for 2 reasons\n      1. first" in capsys.readouterr().out


def test_json(found, capsys):
    found(Section("packages", [Row("python", "3.11")]), Section("gpu", [Row("driver", "none", "no driver")]))
    cli.main(["--json"])
    read = json.loads(capsys.readouterr().out)
    problems = {"cpu": [], "gpu": ["no driver"]}
    assert read == {"packages": {"python": "3.11"}, "gpu": {"driver": "none"}, "problems": problems}


@pytest.mark.parametrize("text", ["", "word " * 99, "/a/long/path" * 30, "--hyphen-ated-" * 20])
def test_lines_fit(text):
    lines = format_section(Section("gpu", [Row("libcudart.so.12", text), Row("x", "y")])).splitlines()
    assert max(map(len, lines)) <= WIDTH
    assert "".join(lines[1:]).replace(" ", "").startswith("libcudart.so.12" + text.replace(" ", ""))


def test_where_the_gpu_kills_it_the_cpu_is_tried(monkeypatch):
    def ask(trial, **environment):
        works = environment == {"CUDA_VISIBLE_DEVICES": "-1"}
        return probe.Answer([TENSORFLOW] if works else [], "" if works else "its process died of signal 11", "")

    monkeypatch.setattr(probe, "ask", ask)
    found = cli.ask_tensorflow()
    assert (found["product"], found["said"], found["ending"]) == (512.0, "its process died of signal 11", "")
    assert cli.describe_import(found).problem == ""


@pytest.mark.parametrize(
    ("found", "problem"),
    [
        (
            {"ending": "its process died of signal 4"},
            "TensorFlow cannot be imported (its process died of signal 4)",
        ),
        ({**TENSORFLOW, "product": 511.0}, "TensorFlow computes wrongly"),
    ],
)
def test_what_does_not_compute_is_broken(found, problem):
    assert cli.describe_import(found).problem.startswith(problem)


def test_a_processor_without_avx_is_broken(monkeypatch):
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    for flags, is_broken in (("sse4_2", True), ("sse4_2 avx fma", False)):
        monkeypatch.setattr(machine, "read_cpu_facts", lambda flags=flags: {"flags": flags})
        row = {row.label: row for row in computer.examine().rows}["instructions"]
        assert (row.text, bool(row.problem)) == (flags, is_broken)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"cpu.max": "50000 100000"}, "the time of 0.5"),
        ({"cpu.max": "max 100000"}, ""),
        ({"cpu/cpu.cfs_quota_us": "150000", "cpu/cpu.cfs_period_us": "100000"}, "the time of 1.5"),
        ({"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, ""),
        ({}, ""),
    ],
)
def test_a_containers_share_is_said(files, said, tmp_path, monkeypatch):
    (tmp_path / "cpu").mkdir()
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(machine, "count_threads", lambda: 2)
    text = {row.label: row.text for row in computer.examine(tmp_path).rows}["threads"]
    assert text.endswith(said) if said else "container" not in text


def test_settings_that_are_set(monkeypatch):
    for name, value in (("TF_NUM_INTRAOP_THREADS", "3"), ("OMP_PROC_BIND", "true"), ("TF_CLI_CONFIG_FILE", "x")):
        monkeypatch.setenv(name, value)
    text = {row.label: row.text for row in computer.examine().rows}["settings"]
    assert "TF_NUM_INTRAOP_THREADS=3" in text
    assert "OMP_PROC_BIND=true" in text
    assert "TF_CLI" not in text


def test_memory_and_a_full_disk(monkeypatch):
    monkeypatch.setattr(
        machine, "read_memory_facts", lambda: {"MemTotal": 16_000_000_000, "MemAvailable": 8_500_000_000}
    )
    monkeypatch.setattr(machine, "find_container_limit", lambda: 2e9)
    monkeypatch.setattr(machine, "count_free_disk", lambda place: 5e6)
    rows = {row.label: row for row in computer.examine().rows}
    assert rows["memory"].text == "16.0 GB, of which 8.5 GB are free; the container may take 2.0 GB"
    assert rows["disk"].problem.startswith("5 MB free in")


def test_none_is_no_problem(tmp_path, monkeypatch):
    monkeypatch.delenv("MNIST_DIR", raising=False)
    monkeypatch.setattr("ref.data.sources.DATA_DIR", tmp_path)
    monkeypatch.setattr("ref.data.digits.list_places", lambda data_dir: [data_dir / "digits"])
    assert [(s.title, s.rows[0].problem, len(s.rows)) for s in data.examine()] == [
        ("mnist", "", 1),
        ("digits", "", 1),
    ]


def test_mnist_dir_without_one_is_a_problem(tmp_path, monkeypatch):
    monkeypatch.setenv("MNIST_DIR", str(tmp_path / "not-there"))
    assert "no MNIST there" in data.examine()[0].rows[0].problem


def test_another_set_is_said_and_a_broken_one(tiny_data, monkeypatch):
    monkeypatch.setenv("MNIST_DIR", str(tiny_data))
    rows = data.examine()[0].rows
    assert "other than the known mnist in train-images" in rows[0].text
    assert (rows[0].problem, [len(row.text) for row in rows[1:]]) == ("", [64] * 4)


def test_a_broken_file_is_said(tmp_path, monkeypatch):
    (tmp_path / "train-images-idx3-ubyte").write_bytes(b"<html>")
    (tmp_path / "t10k-images-idx3-ubyte").write_bytes(b"<html>")
    monkeypatch.setenv("MNIST_DIR", str(tmp_path))
    assert data.examine()[0].rows[0].problem.startswith(f"mnist is broken: {tmp_path / 'train-images-idx3-ubyte'}")


def test_packages_are_held_against_the_pins(tmp_path):
    (tmp_path / "requirements.txt").write_text(
        "numpy==1.0 ; python_version < '3.11' \\\n    --hash=sha256:0\ntqdm==0\n"
    )
    rows = {row.label: row for row in packages.examine(tmp_path).rows}
    assert rows["numpy"].text.endswith("pinned is 1.0")
    assert rows[".venv-tf1"].text == "not installed; make tf1 installs it"
    pinned = packages.read_pins(ROOT / "requirements.txt")
    assert set(packages.NEEDED) <= pinned.keys()


def test_a_python_without_packages(environment):
    """As a user has it who took the system's Python: all that can be said is said, and one line what to do."""
    (environment.site_packages / "ours.pth").unlink()
    done = environment.run("-m", "ref", "doctor")
    assert done.returncode == 2
    assert done.stderr == f"error: tensorflow is not installed for {environment.python}; run 'make setup'\n"
    assert "TensorFlow           sees none, and says: ModuleNotFoundError" in done.stdout
    assert "libcusolver.so.11" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= WIDTH


@needs_compiler
def test_the_whole_of_it(environment, tmp_path):
    """A driver that is none, half of CUDA, one library broken: doctor ends well, as the CPU computes."""
    for library in PACKAGED[::2]:
        environment.lay(library)
    environment.lay(PACKAGED[1]).write_text("broken")
    driver = lay(tmp_path, "libcuda.so.1", DRIVER.replace("CODE", "100").replace("N_GPUS", "0"))
    done = environment.run("-m", "ref", "doctor", LD_LIBRARY_PATH=str(driver.parent), MNIST_DIR="")
    assert (done.returncode, done.stderr) == (0, "")
    assert max(map(len, done.stdout.splitlines())) <= WIDTH
    verdict = " ".join(done.stdout.partition("verdict\n")[2].split())
    assert verdict.startswith("cpu works gpu not used")
    for library in PACKAGED[1::2]:
        assert library.name in verdict
    assert f"{driver}: cuInit says 100".replace(" ", "") in "".join(done.stdout.split())  # a long name is broken
