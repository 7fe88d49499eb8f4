"""Why there is no GPU, first cause first: cards, drivers and settings, as stand-ins make them."""

import pytest
from stand_ins import DEADLY, DRIVER, lay, needs_compiler

from ref.doctor import gpu, libraries, probe
from ref.doctor.rows import Row

BUILD = {
    "is_cuda_build": "True",
    "cuda_version": "12.5.1",
    "cudnn_version": "9",
    "cuda_compute_capabilities": "['sm_60']",
}
TENSORFLOW = {"version": "2.21.0", "product": 512.0, "import_s": 1.0, "directory": "/site/tensorflow", "build": BUILD}


@pytest.fixture
def root(tmp_path):
    """A machine without a GPU: its /proc, /dev and /sys."""
    for name in ("proc", "dev", "sys/bus/pci/devices/0000:00:02.0"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "sys/bus/pci/devices/0000:00:02.0/vendor").write_text("0x1234\n")
    (tmp_path / "sys/bus/pci/devices/0000:00:02.0/class").write_text("0x030000\n")
    return tmp_path


def add_card(root, kind="0x030200"):
    card = root / "sys/bus/pci/devices/0000:01:00.0"
    card.mkdir()
    (card / "vendor").write_text("0x10de\n")
    (card / "class").write_text(f"{kind}\n")


def add_driver(root):
    (root / "proc/driver/nvidia").mkdir(parents=True)
    (root / "proc/driver/nvidia/version").write_text(
        "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15\nGCC …\n"
    )
    for name in ("nvidia0", "nvidiactl", "nvidia-uvm"):
        (root / "dev" / name).touch()


NOT_THERE = {"error": "is not there"}
IDLE = {"path": "/lib/libcuda.so.1", "error": "cuInit says 100 (no CUDA-capable device is detected)"}
WORKS = {"path": "/lib/libcuda.so.1", "cuda": 12040, "n_gpus": 2}


@pytest.mark.parametrize(
    ("makes", "told", "problem"),
    [
        ([], NOT_THERE, "no NVIDIA GPU and no driver"),
        ([add_card], NOT_THERE, "there is an NVIDIA GPU, but no driver"),
        ([add_card, add_driver], NOT_THERE, "NVIDIA's driver runs, but libcuda.so.1 is not there"),
        ([], IDLE, "no NVIDIA driver runs, though libcuda.so.1 is there (/lib/libcuda.so.1: cuInit says 100"),
        ([add_card, add_driver], IDLE, "libcuda.so.1: /lib/libcuda.so.1: cuInit says 100"),
        ([add_card, add_driver], WORKS, ""),
        ([add_driver], WORKS | {"n_gpus": 0}, "the driver has no GPU"),
        ([], WORKS, "/lib/libcuda.so.1 answers, but there is no NVIDIA GPU"),
    ],
)
def test_the_first_cause_is_said(makes, told, problem, root, monkeypatch):
    for make in makes:
        make(root)
    monkeypatch.setattr(probe, "ask", lambda trial: probe.Answer([told], "", ""))
    (found,) = [row.problem for row in gpu.examine_driver(root) if row.problem] or [""]
    assert found.startswith(problem)
    assert bool(found) == bool(problem)


def test_a_driver_is_described(root, monkeypatch):
    add_card(root)
    add_driver(root)
    monkeypatch.setattr(probe, "ask", lambda trial: probe.Answer([WORKS], "", ""))
    rows = {row.label: row.text for row in gpu.examine_driver(root)}
    assert rows["cards"] == "1 of NVIDIA's on the PCI bus"
    assert rows["driver"].endswith("550.54.15")
    assert rows["devices"] == "/dev/nvidia-uvm, /dev/nvidia0, /dev/nvidiactl"
    assert rows["libcuda.so.1"] == "/lib/libcuda.so.1, for CUDA 12.4, 2 GPUs"


def test_nvidias_other_devices_are_no_gpus(root):
    add_card(root, kind="0x040300")  # sound
    assert gpu.examine_driver(root)[0].text == "none of NVIDIA's on the PCI bus"


@needs_compiler
@pytest.mark.parametrize(
    ("source", "found"),
    [
        (DRIVER.replace("CODE", "0").replace("N_GPUS", "2"), {"cuda": 12040, "n_gpus": 2}),
        (DRIVER.replace("CODE", "100"), {"error": "cuInit says 100 (no CUDA-capable device is detected)"}),
        ("int cuInit(unsigned flags) { return 803; }", {"error": "cuInit says 803 (unknown)"}),
        ("", {"error": "has no cuInit, so it is not NVIDIA's driver"}),
    ],
)
def test_libcuda_is_asked(source, found, tmp_path, monkeypatch):
    library = lay(tmp_path, "libcuda.so.1", source.replace("N_GPUS", "0"))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    assert probe.ask("driver", LD_LIBRARY_PATH=str(tmp_path)).all == {"path": str(library), **found}


@needs_compiler
def test_libcuda_that_kills_its_process(tmp_path):
    lay(tmp_path, "libcuda.so.1", DEADLY)
    assert probe.ask("driver", LD_LIBRARY_PATH=str(tmp_path)).ending == "its process died of signal 6"


def test_libcuda_that_is_none(tmp_path):
    (tmp_path / "libcuda.so.1").write_text("no library")
    error = probe.ask("driver", LD_LIBRARY_PATH=str(tmp_path)).all["error"]
    assert error.startswith(f"cannot be loaded ({tmp_path}/libcuda.so.1: ")


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo 'NVIDIA H200, 550.54.15, 143771 MiB'", "NVIDIA H200, 550.54.15, 143771 MiB"),
        ("echo 'NVIDIA-SMI has failed'; exit 9", "failed with 9: NVIDIA-SMI has failed"),
        ("echo 'no driver' >&2; exit 1", "failed with 1: no driver"),
        ("exit 6", "failed with 6: says nothing"),
        ("exec sleep 60", "does not answer (TimeoutExpired)"),
    ],
)
def test_nvidia_smi(script, said, root, monkeypatch):
    program = root / "nvidia-smi"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(root), prepend=":")
    monkeypatch.setattr(gpu, "SMI_TIMEOUT_S", 0.5)
    assert gpu.examine_driver(root)[-1].text.endswith(said)


@pytest.fixture
def examine(root, monkeypatch):
    """A function that returns the problems, first cause first, of a driver and libraries as they are given."""

    def run(told=WORKS, missing="", gpus=(), **tensorflow):
        add_driver(root)
        monkeypatch.setattr(probe, "ask", lambda trial: probe.Answer([told], "", ""))
        rows = [Row("libcudart.so.12", "", missing)]
        monkeypatch.setattr(libraries, "examine", lambda toolkits: rows)
        section = gpu.examine({**TENSORFLOW, "gpus": list(gpus), **tensorflow}, root)
        return [row.problem for row in section.rows if row.problem]

    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return run


def test_all_is_there(examine):
    assert examine(gpus=["NVIDIA H200"]) == []


def test_the_first_cause_is_first(examine, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    build = {"is_cuda_build": "False"}
    found = examine(NOT_THERE, "missing: libcudart.so.12", build=build)
    begins = ["this build of TensorFlow 2.21.0 has no CUDA", "CUDA_VISIBLE_DEVICES='-1' hides every GPU"]
    begins += ["NVIDIA's driver runs, but libcuda.so.1", "missing: libcudart.so.12"]
    assert [problem.startswith(begin) for problem, begin in zip(found, begins)] == [True] * 4


def test_a_reason_of_tensorflows_own_is_said(examine, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "7")
    (problem,) = examine(said="Ignoring visible gpu device (GeForce 210)")
    assert "says: Ignoring visible gpu device (GeForce 210); CUDA_VISIBLE_DEVICES=7 may name none" in problem


def test_without_tensorflow_the_rest_is_said(examine):
    assert examine(build=None, product=None, missing="missing: libcudart.so.12") == ["missing: libcudart.so.12"]
