"""Why TensorFlow computes on a GPU, or not: the driver, what hides GPUs, the build."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from ref.common import cuda
from ref.doctor import libraries, probe
from ref.doctor.rows import Row, Section

NVIDIA = "0x10de"  # its number on the PCI bus
SETTINGS = ("CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES", "LD_LIBRARY_PATH", "NVIDIA_TF32_OVERRIDE")
SMI = ("--query-gpu=name,driver_version,memory.total", "--format=csv,noheader")
SMI_TIMEOUT_S = 20
MACHINE = "take a machine that has them"
CONTAINER = "in a container, start it with --gpus all"


def examine(tensorflow: dict, root: Path = Path("/"), toolkits: str = libraries.TOOLKITS) -> Section:
    """Return what stands between TensorFlow and a GPU, first cause first.

    Args:
      tensorflow: what probe.try_tensorflow found.
      root: where /proc, /dev and /sys are.
      toolkits: as of libraries.examine.
    """
    rows = [
        _describe_build(tensorflow),
        _describe_visible(),
        Row("settings", " ".join(f"{name}={os.environ[name]}" for name in SETTINGS if name in os.environ) or "none"),
        *examine_driver(root),
        *libraries.examine(toolkits),
        _describe_compiler(tensorflow),
    ]
    is_explained = any(row.problem for row in rows)
    return Section("gpu", [*rows, _describe_seen(tensorflow, is_explained)])


def _describe_build(tensorflow: dict) -> Row:
    build = tensorflow.get("build")
    if not build:
        return Row("build", "not known, as TensorFlow cannot be imported")
    if build.get("is_cuda_build") != "True":
        problem = f"this build of TensorFlow {tensorflow['version']} has no CUDA; take that of Linux on x86_64"
        return Row("build", "without CUDA", problem)
    capabilities = ", ".join(f"{int(n) / 10}" for n in re.findall(r"\d+", build.get("cuda_compute_capabilities", "")))
    text = f"CUDA {build.get('cuda_version')}, cuDNN {build.get('cudnn_version')}, compute capability {capabilities}"
    return Row("build", text)


def _describe_visible() -> Row:
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if cuda.hides_gpus():
        return Row(
            "visible",
            f"none: CUDA_VISIBLE_DEVICES={visible!r}",
            f"CUDA_VISIBLE_DEVICES={visible!r} hides every GPU; unset it",
        )
    return Row("visible", "all" if visible is None else f"CUDA_VISIBLE_DEVICES={visible}")


def examine_driver(root: Path = Path("/")) -> list[Row]:
    """Return what is there of NVIDIA's hardware and driver; ``root`` is where /proc, /dev and /sys are."""
    n_cards = sum(_is_card(device) for device in (root / "sys/bus/pci/devices").glob("*"))
    version = _read(root / "proc/driver/nvidia/version")
    files = sorted(path.name for pattern in ("nvidia*", "dxg") for path in (root / "dev").glob(pattern))
    answer = probe.ask("driver")
    told = answer.all
    trouble = told.get("error") or (answer.ending and f"cannot be asked ({answer.ending})")
    said = f", for CUDA {told['cuda'] // 1000}.{told['cuda'] % 1000 // 10}" if "cuda" in told else ""
    said += f", {told['n_gpus']} GPUs" if "n_gpus" in told else ""
    path = f"{told['path']}: " if "path" in told else ""
    library = f"{path}{trouble}" if trouble else f"{told['path']}{said}"
    rows = [
        Row("cards", f"{n_cards} of NVIDIA's on the PCI bus" if n_cards else "none of NVIDIA's on the PCI bus"),
        Row("driver", version.splitlines()[0] if version else "/proc/driver/nvidia/version is not there"),
        Row("devices", ", ".join(f"/dev/{name}" for name in files) or "no /dev/nvidia*"),
        Row("libcuda.so.1", library),
        Row("nvidia-smi", _ask_smi()),
    ]
    if problem := _find_driver_problem(bool(n_cards), bool(version), bool(files), told, library if trouble else ""):
        rows[1] = rows[1]._replace(problem=problem)
    return rows


def _find_driver_problem(has_card: bool, has_driver: bool, has_device: bool, told: dict, trouble: str) -> str:
    """Return what is wrong of card, driver, device files and libcuda.so.1 (``told`` by it, its ``trouble``)."""
    if not trouble and told.get("n_gpus") == 0:
        return "the driver has no GPU; see nvidia-smi"
    if not trouble and not (has_card or has_driver or has_device):
        return f"{told['path']} answers, but there is no NVIDIA GPU and no /dev/nvidia*; {MACHINE}, or, {CONTAINER}"
    if not trouble:
        return ""
    if has_driver and "path" not in told:
        return f"NVIDIA's driver runs, but libcuda.so.1 {trouble}; install the driver's libraries, or, {CONTAINER}"
    if has_driver or has_device:
        return f"libcuda.so.1: {trouble}; install a driver that fits the card, or, {CONTAINER}"
    if "path" in told:
        return f"no NVIDIA driver runs, though libcuda.so.1 is there ({trouble}); install the driver, or, {CONTAINER}"
    if has_card:
        return f"there is an NVIDIA GPU, but no driver; install NVIDIA's driver, or, {CONTAINER}"
    return f"no NVIDIA GPU and no driver are to be seen; {MACHINE}, or, {CONTAINER}"


def _is_card(device: Path) -> bool:
    return _read(device / "vendor").strip() == NVIDIA and _read(device / "class").startswith("0x03")


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""


def _ask_smi() -> str:
    program = shutil.which("nvidia-smi")
    if program is None:
        return "not on PATH"
    try:
        done = subprocess.run([program, *SMI], capture_output=True, text=True, errors="replace", timeout=SMI_TIMEOUT_S)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{program} does not answer ({type(error).__name__})"
    lines = (done.stdout.strip() or done.stderr.strip() or "says nothing").splitlines()
    return "; ".join(lines) if done.returncode == 0 else f"failed with {done.returncode}: {lines[0]}"


def _describe_compiler(tensorflow: dict) -> Row:
    """Return where XLA's assembler and its functions for GPUs are, of the places that it looks in."""
    site_packages = Path(tensorflow.get("directory", "/none/tensorflow")).parent
    roots = (site_packages / "nvidia/cuda_nvcc", Path("/usr/local/cuda"))
    said = []
    for name in ("bin/ptxas", "nvvm/libdevice/libdevice.10.bc"):
        places = [libraries.shorten(root / name) for root in roots if (root / name).exists()]
        said.append(f"{Path(name).name} in {' and '.join(places)}" if places else f"no {Path(name).name}")
    return Row("xla", ", ".join(said))


def _describe_seen(tensorflow: dict, is_explained: bool) -> Row:
    gpus = tensorflow.get("gpus", [])
    if gpus:
        return Row("TensorFlow", f"sees {', '.join(gpus)}")
    said = f", and says: {tensorflow['said']}" if tensorflow.get("said") else ", and does not say why"
    if is_explained or "product" not in tensorflow:
        return Row("TensorFlow", f"sees none{said}")
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    hint = f"; CUDA_VISIBLE_DEVICES={visible} may name none that is there" if visible else ""
    return Row("TensorFlow", "sees none", f"TensorFlow sees no GPU{said}{hint}")
