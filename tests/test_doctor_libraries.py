"""CUDA's libraries as doctor finds them, each by its name: stand-ins, half of them, broken ones, two versions."""

import os

import pytest
from stand_ins import DEADLY, PACKAGED, Environment, lay, needs_compiler

from ref.common import cuda
from ref.doctor import libraries
from ref.doctor.rows import Row

pytestmark = needs_compiler
CUSOLVER = next(library for library in PACKAGED if library.package == "cusolver")
EXAMINE = "[row._asdict() for row in ref.doctor.libraries.examine(toolkits={toolkits!r})]"


@pytest.fixture
def environment(tmp_path):
    return Environment(tmp_path / "environment")


@pytest.fixture
def examine(environment, tmp_path):
    """A function that returns the rows of the libraries by their names, as Python in ``environment`` finds them."""

    def run(toolkits: str = str(tmp_path / "no-toolkit"), **variables: str) -> dict[str, Row]:
        rows = [Row(**row) for row in environment.evaluate(EXAMINE.format(toolkits=toolkits), **variables)]
        return {row.label: row for row in rows}

    return run


def list_problems(rows):
    return [row.problem for row in rows.values() if row.problem]


def test_all_are_there(environment, examine):
    for library in cuda.LIBRARIES:
        environment.lay(library)
    for part in libraries.CUDNN_PARTS:
        lay(environment.site_packages / "nvidia/cudnn/lib", f"libcudnn_{part}.so.9")
    rows = examine()
    assert list(rows) == [library.name for library in cuda.LIBRARIES]
    assert list_problems(rows) == []
    for library in cuda.LIBRARIES:
        assert rows[library.name].text.startswith(f"pip's nvidia/{library.package}/lib")
    assert rows["libcudnn.so.9"].text.endswith("with its 7 parts")


@pytest.mark.parametrize("half", [PACKAGED[::2], PACKAGED[1::2], PACKAGED[:-1], PACKAGED[:2] + PACKAGED[3:], []])
def test_the_missing_ones_are_named(half, environment, examine):
    for library in half:
        environment.lay(library)
    (problem,) = list_problems(examine())
    named = problem.removeprefix("missing: ").partition(";")[0].split(", ")
    assert named == [library.name for library in PACKAGED if library not in half]
    assert "make setup GPU=1" in problem


def test_what_tensorflow_does_without_is_no_problem(environment, examine):
    for library in PACKAGED:
        environment.lay(library)
    rows = examine()
    assert list_problems(rows) == []
    assert rows["libnccl.so.2"].text == "missing; needed by several GPUs"
    assert "without its parts graph, ops" in rows["libcudnn.so.9"].text


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "an empty file"),
        (b"version https://git-lfs", "no library (no ELF file)"),
        (b"\x7fELF\x02\x01", "no library"),
        (b"\x7fELF\x02\x01\x01" + bytes(11) + b"\xb7\x00" + bytes(44), "built for aarch64"),
        (b"\x7fELF\x01\x01\x01" + bytes(11) + b"\x03\x00" + bytes(44), "built for x86"),
        (b"\x7fELF\x02\x01\x01" + bytes(11) + b"\x3e\x00", "file too short"),
        (b"\x7fELF\x02\x01\x01" + bytes(11) + b"\x3e\x00" + bytes(20) + b"\xff" + bytes(23), "its end is missing"),
    ],
)
@pytest.mark.parametrize("library", [CUSOLVER, PACKAGED[0]], ids=lambda library: library.package)
def test_a_broken_one_is_not_called_missing(library, content, reason, environment, examine):
    for other in PACKAGED:
        path = environment.lay(other)
        if other is library:
            path.write_bytes(content)
    (problem,) = list_problems(examine())
    assert problem.startswith(f"{library.name} cannot be loaded from pip's nvidia/{library.package}/lib: {reason}")
    assert f"uninstall -y nvidia-{library.package.replace('_', '-')}-cu12" in problem


def test_what_was_removed_from_a_package_is_installed_again_by_way_of_pip(environment, examine):
    (environment.site_packages / "nvidia_cusolver_cu12-11.6.3.83.dist-info").mkdir()
    metadata = environment.site_packages / "nvidia_cusolver_cu12-11.6.3.83.dist-info" / "METADATA"
    metadata.write_text("Metadata-Version: 2.1\nName: nvidia-cusolver-cu12\nVersion: 11.6.3.83\n")
    (problem,) = list_problems(examine())
    assert "pip uninstall -y nvidia-cusolver-cu12', then 'make setup GPU=1'" in problem


@pytest.mark.parametrize("share", [0.2, 0.5, 0.99])
def test_one_whose_end_is_missing_kills_nobody(share, environment, examine):
    path = environment.lay(CUSOLVER, source="int table[100000] = {1};")
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    assert "its end is missing" in examine()[CUSOLVER.name].text
    assert environment.evaluate("ref.common.cuda.preload()") == []


def test_a_link_to_nothing(environment, examine):
    path = environment.lay(CUSOLVER)
    path.unlink()
    path.symlink_to("libcusolver.so.11.6.3.83")
    assert "cannot be loaded from pip's nvidia/cusolver/lib: a link to nothing" in examine()[path.name].text


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_what_is_no_file_is_not_waited_for(make, environment, examine):
    path = environment.lay(CUSOLVER)
    path.unlink()
    make(path)
    assert "cannot be loaded from pip's nvidia/cusolver/lib: not a regular file" in examine()[path.name].text
    assert environment.evaluate("ref.common.cuda.preload()") == []


def test_one_that_needs_another_that_is_missing(environment, examine, tmp_path):
    for library in PACKAGED:
        if library is not CUSOLVER:
            environment.lay(library)
    environment.lay(CUSOLVER, needs=(lay(tmp_path, "libnvJitLink.so.12"),))
    (problem,) = list_problems(examine())
    assert problem.startswith("libcusolver.so.11 cannot be loaded")
    assert "libnvJitLink.so.12: cannot open" in problem
    assert problem.endswith("'make setup GPU=1' installs what it needs")


def test_those_that_kill_a_process(environment, examine):
    for library in PACKAGED:
        environment.lay(library, source=DEADLY if library.package in ("cufft", "cudnn") else "")
    rows = examine()
    dead = [name for name, row in rows.items() if "its process died of signal 6" in row.problem]
    assert dead == ["libcufft.so.11", "libcudnn.so.9"]
    assert rows["libcusolver.so.11"].text == "pip's nvidia/cusolver/lib"


def test_of_two_pips_is_taken(environment, examine, tmp_path):
    environment.lay(CUSOLVER)
    other = lay(tmp_path / "cuda", CUSOLVER.name)
    text = examine(LD_LIBRARY_PATH=str(other.parent))[CUSOLVER.name].text
    assert text == f"pip's nvidia/cusolver/lib; not taken: {other}"


def test_another_version_is_not_it(environment, examine):
    old = lay(environment.site_packages / "nvidia/cudnn/lib", "libcudnn.so.8")
    row = examine()["libcudnn.so.9"]
    assert row.text == f"missing; needed by TensorFlow; not taken: {old}"


def test_two_versions_beside_each_other(environment, examine):
    old, new = (lay(environment.site_packages / "nvidia/cudnn/lib", f"libcudnn.so.{n}") for n in (8, 9))
    text = examine()[new.name].text
    assert text.startswith("pip's nvidia/cudnn/lib")
    assert text.endswith(f"not taken: {old}")


def test_those_of_ld_library_path(examine, tmp_path):
    for library in PACKAGED:
        lay(tmp_path / "cuda", library.name)
    rows = examine(LD_LIBRARY_PATH=f"/nowhere:{tmp_path / 'cuda'}")
    assert list_problems(rows) == []
    assert rows[CUSOLVER.name].text == str(tmp_path / "cuda")


def test_a_broken_one_of_ld_library_path(examine, tmp_path):
    (tmp_path / "libcufft.so.11").write_text("no library")
    text = examine(LD_LIBRARY_PATH=str(tmp_path))["libcufft.so.11"].text
    assert text == f"cannot be loaded from {tmp_path}: no library (no ELF file)"


def test_a_toolkit_where_the_loader_does_not_look(examine, tmp_path):
    there = lay(tmp_path / "cuda-12.5" / "lib64", CUSOLVER.name)
    text = examine(toolkits=f"{tmp_path}/cuda*/lib*")[CUSOLVER.name].text
    assert text == f"missing; needed by TensorFlow; not taken: {there}"
