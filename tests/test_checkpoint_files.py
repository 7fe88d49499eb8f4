"""The .npz and .safetensors that checkpoints go to and come from, beside NumPy and bytes of the package safetensors."""

import json
import os
import struct

import ml_dtypes
import numpy as np
import pytest

from ref.checkpoints import arrays
from ref.common.errors import BadInputError

# safetensors.numpy.save of safetensors 0.8.0, with metadata={"format": "np"}.
THEIRS = bytes.fromhex(
    "50010000000000007b225f5f6d657461646174615f5f223a7b22666f726d6174223a226e70227d2c2273746570223a7b226474797065223a"
    "22493634222c227368617065223a5b5d2c22646174615f6f666673657473223a5b302c385d7d2c2277656967687473312f4164616d223a7b"
    "226474797065223a22463332222c227368617065223a5b322c335d2c22646174615f6f666673657473223a5b382c33325d7d2c226266223a"
    "7b226474797065223a2242463136222c227368617065223a5b325d2c22646174615f6f666673657473223a5b33322c33365d7d2c22626961"
    "73223a7b226474797065223a22463136222c227368617065223a5b325d2c22646174615f6f666673657473223a5b33362c34305d7d2c2266"
    "6c6167223a7b226474797065223a22424f4f4c222c227368617065223a5b325d2c22646174615f6f666673657473223a5b34302c34325d7d"
    "7d202020202020200700000000000000000000000000803e0000003f0000403f0000803f0000a03fc03f00c0003e00c00100"
)
IN_THEM = {
    "weights1/Adam": np.arange(6, dtype=np.float32).reshape(2, 3) / 4,
    "step": np.array(7, np.int64),
    "flag": np.array([True, False]),
    "bias": np.array([1.5, -2], np.float16),
    "bf": np.array([1.5, -2], ml_dtypes.bfloat16),
}
TYPES = {
    "bool": "BOOL", "uint8": "U8", "int8": "I8", "uint16": "U16", "int16": "I16", "uint32": "U32", "int32": "I32",
    "uint64": "U64", "int64": "I64", "float16": "F16", "bfloat16": "BF16", "float32": "F32", "float64": "F64",
    "complex64": "C64", "float8_e4m3fn": "F8_E4M3", "float8_e5m2": "F8_E5M2",
}  # fmt: skip
NOT_NUMPYS = {"bfloat16", "float8_e4m3fn", "float8_e5m2"}


def assert_equal(found, expected):
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert (found[name].dtype, found[name].shape) == (value.dtype, value.shape), name
        assert found[name].tobytes() == value.tobytes(), name


def parse(content):
    """Return the header and the bytes after it, as the format's page says."""
    (length,) = struct.unpack("<Q", content[:8])
    return json.loads(content[8 : 8 + length]), content[8 + length :]


def test_what_the_package_wrote_is_read(tmp_path):
    (tmp_path / "theirs.safetensors").write_bytes(THEIRS)
    assert_equal(arrays.read(tmp_path / "theirs.safetensors"), IN_THEM)


def test_ours_is_what_the_package_writes(tmp_path):
    """The same tensors at the same places, each aligned to its type's size."""
    arrays.write(tmp_path / "ours.safetensors", IN_THEM)
    header, content = parse((tmp_path / "ours.safetensors").read_bytes())
    expected, expected_content = parse(THEIRS)
    expected.pop("__metadata__")
    assert header.keys() == expected.keys()
    for name, entry in header.items():
        begin, end = entry.pop("data_offsets")
        assert begin % IN_THEM[name].itemsize == 0
        theirs = slice(*expected[name].pop("data_offsets"))
        assert content[begin:end] == expected_content[theirs], name
    assert header == expected
    assert len(content) == len(expected_content)


def test_the_package_reads_ours(tmp_path):
    safetensors = pytest.importorskip("safetensors.numpy", reason="the package safetensors is not installed")
    arrays.write(tmp_path / "ours.safetensors", IN_THEM)
    assert_equal(safetensors.load_file(tmp_path / "ours.safetensors"), IN_THEM)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (0, 4)])
@pytest.mark.parametrize("ending", arrays.FORMATS)
def test_a_type_comes_back_as_it_was_or_is_refused(ending, shape, dtype, tmp_path):
    value = (np.arange(np.prod(shape)) % 2).reshape(shape).astype(dtype)
    path = tmp_path / f"values{ending}"
    if ending == ".npz" and dtype in NOT_NUMPYS:
        with pytest.raises(BadInputError, match=rf"a/b is of {dtype}, .*; export to \.safetensors"):
            arrays.write(path, {"a/b": value})
        assert not list(tmp_path.iterdir())
        return
    arrays.write(path, {"a/b": value})
    assert_equal(arrays.read(path), {"a/b": value})
    if ending == ".npz":
        assert_equal(dict(np.load(path)), {"a/b": value})
    else:
        header, _ = parse(path.read_bytes())
        assert header["a/b"]["dtype"] == TYPES[dtype]


def test_what_no_format_has_is_refused(tmp_path):
    for ending, remedy in ((".safetensors", "export to .npz"), (".npz", None)):
        values = {"c": np.ones(2, np.complex128)}
        if remedy:
            with pytest.raises(BadInputError, match=f"c is of complex128, .*; {remedy}"):
                arrays.write(tmp_path / f"c{ending}", values)
        else:
            arrays.write(tmp_path / f"c{ending}", values)
        with pytest.raises(BadInputError, match="neither format has it"):
            arrays.write(tmp_path / f"x{ending}", {"x": np.ones(2, ml_dtypes.float8_e4m3b11fnuz)})


@pytest.mark.parametrize("ending", arrays.FORMATS)
def test_any_name_and_layout_and_the_same_bytes(ending, tmp_path):
    """np.savez has no place for an array called file; a transposed one is not in C's order."""
    names = ["file", "weights1", "weights1/Adam", "a.npy", "é", "allow_pickle"]
    values = {name: np.asfortranarray(np.arange(6.0).reshape(2, 3) + n) for n, name in enumerate(names)}
    for directory in ("once", "again"):
        assert arrays.write(tmp_path / directory / f"values{ending}", values) == []
    path = tmp_path / "once" / f"values{ending}"
    found = arrays.read(path)
    assert found.keys() == values.keys()
    for name, value in values.items():
        np.testing.assert_array_equal(found[name], value)
    assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes()
    assert os.listdir(tmp_path / "once") == [path.name]


@pytest.mark.parametrize("ending", arrays.FORMATS)
def test_text_is_left_out_and_named(ending, tmp_path):
    values = {"graph": np.array(b"of TensorFlow 2", object), "w": np.ones(2)}
    assert arrays.write(tmp_path / f"values{ending}", values) == ["graph"]
    assert_equal(arrays.read(tmp_path / f"values{ending}"), {"w": np.ones(2)})


def test_numbers_of_the_other_byte_order_are_brought_to_ours(tmp_path):
    np.savez(tmp_path / "big.npz", w=np.arange(3, dtype=">f4"))
    assert_equal(arrays.read(tmp_path / "big.npz"), {"w": np.arange(3, dtype=np.float32)})


def safetensors(header, n_bytes=8):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + bytes(n_bytes)


def entry(dtype="F32", shape=(2,), offsets=(0, 8)):
    return {"w": {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets)}}


BAD_SAFETENSORS = {
    "empty": b"",
    "seven bytes": bytes(7),
    "a header longer than the file": struct.pack("<Q", 1 << 60) + b"{}",
    "no JSON": safetensors(b"not JSON"),
    "not UTF-8": safetensors(b'{"\xff": 1}'),
    "a list": safetensors([1]),
    "nested deep": safetensors(b"[" * 100_000),
    "a number for an entry": safetensors({"w": 1}),
    "no offsets": safetensors({"w": {"dtype": "F32", "shape": [2]}}),
    "unknown type": safetensors(entry("F4")),
    "another size": safetensors(entry(shape=(3,))),
    "a negative shape": safetensors(entry(shape=(-1, -2))),
    "a shape of text": safetensors(entry(shape="2")),
    "beyond the end": safetensors(entry(), 4),
    "not from the beginning": safetensors(entry(offsets=(4, 12)), 12),
    "backwards": safetensors(entry(shape=(0,), offsets=(8, 0))),
    "more bytes than tensors": safetensors(entry(), 9),
    "overlapping": safetensors({**entry(), "v": entry()["w"]}),
}


def assert_refused(path):
    with pytest.raises(BadInputError) as error:
        arrays.read(path)
    line = str(error.value)
    assert line.startswith(f"{path}: ")
    assert "\n" not in line
    assert len(line) < 500
    assert "expected" in line


@pytest.mark.parametrize("case", BAD_SAFETENSORS)
def test_bad_safetensors_are_one_line(case, tmp_path):
    path = tmp_path / "bad.safetensors"
    path.write_bytes(BAD_SAFETENSORS[case])
    assert_refused(path)


def spoil_npz(path, case):
    np.savez(path, w=np.arange(1000.0))
    content = bytearray(path.read_bytes())
    match case:
        case "empty":
            content = b""
        case "half":
            content = content[:4000]
        case "flipped":
            content[5000] ^= 1  # zip keeps a sum of its bytes
        case "no zip":
            content = b"not a zip\n" * 99
    path.write_bytes(content)
    if case == "objects":
        np.savez(path, w=np.array([{}], object))


@pytest.mark.parametrize("case", ["empty", "half", "flipped", "no zip", "objects"])
def test_bad_npz_are_one_line(case, tmp_path):
    spoil_npz(tmp_path / "bad.npz", case)
    assert_refused(tmp_path / "bad.npz")


@pytest.mark.parametrize("ending", arrays.FORMATS)
@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo, lambda path: None], ids=["a directory", "a FIFO", "nothing"])
def test_what_is_no_file_is_one_line(make, ending, tmp_path):
    path = tmp_path / f"values{ending}"
    make(path)
    assert_refused(path)


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo], ids=["a directory", "a FIFO"])
def test_what_is_no_file_is_not_replaced(make, tmp_path):
    path = tmp_path / "values.npz"
    make(path)
    before = os.lstat(path)
    with pytest.raises(BadInputError, match="no regular file, expected the name of one"):
        arrays.write(path, {"w": np.ones(2)})
    assert os.lstat(path) == before
    assert os.listdir(tmp_path) == [path.name]


def test_what_cannot_be_written_leaves_what_was_there(tmp_path, monkeypatch):
    path = tmp_path / "values.npz"
    arrays.write(path, {"w": np.ones(2)})
    before = path.read_bytes()

    def fill_the_disk(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np.lib.format, "write_array", fill_the_disk)
    with pytest.raises(BadInputError, match="No space left"):
        arrays.write(path, {"w": np.zeros(2)})
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == [path.name]
