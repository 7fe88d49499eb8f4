"""What a run was run with and on: settings beside the listing's, the data, the machine, where its time went."""

import math
from typing import NamedTuple

from ref.fidelity.golden.held import add_since
from ref.pages.words import Text

N_PHASES = 20  # shown
PLACE = (
    ("tensorflow", Text("TensorFlow", "TensorFlow")),
    ("numpy", Text("NumPy", "NumPy")),
    ("python", Text("Python", "Python")),
    ("device", Text("device", "设备")),
    ("cpu", Text("CPU", "CPU")),
    ("threads", Text("threads", "线程数")),
    ("settings", Text("TensorFlow's switches", "TensorFlow 的开关")),
    ("tf32", Text("TF32", "TF32")),
)
ACCOUNTS = (
    ("imports_s", Text("imports, before the run", "导入（运行之前）")),
    ("start_up_s", Text("start-up", "启动")),
    ("data_s", Text("data", "读数据")),
    ("evaluation_s", Text("evaluation, printing, figures", "评估、打印、画图")),
    ("saving_s", Text("saving", "保存")),
    ("catching_up_s", Text("catching up after an interruption", "中断后赶上进度")),
)


class Setting(NamedTuple):
    """A value here beside another: the listing's, or the recorded run's."""

    name: Text | str
    here: str
    other: str


class Phase(NamedTuple):
    """A phase's steps and times, as texts."""

    number: int
    steps: str
    seconds: str
    ms_per_step: str
    later_ms_per_step: str
    fill_s: str


def list_settings(result: dict, recorded: dict) -> list[Setting]:
    """Return the hyper-parameters, seed and numbering that are not the listing's, as its recorded run has them."""
    listing, here = add_since(recorded["hyper_parameters"], result["hyper_parameters"])
    found = [
        Setting(name, write_value(here.get(name)), write_value(listing.get(name)))
        for name in dict.fromkeys([*listing, *here])
        if here.get(name) != listing.get(name)
    ]
    if result["seed"] != 42:
        found.append(Setting("seed", write_value(result["seed"]), "42"))
    if result.get("seeds") != recorded.get("seeds"):
        found.append(Setting("seeds", write_value(result.get("seeds")), write_value(recorded.get("seeds"))))
    return found


def list_place(result: dict, recorded: dict | None = None) -> list[Setting]:
    """Return versions, device, CPU, threads here and in the recorded run, as far as one of them has them."""
    found = []
    for key, name in PLACE:
        here, other = (_find(one, key) for one in (result, recorded or {}))
        if isinstance(here, dict):  # of a user's script, the settings are its own values
            continue
        if here not in (None, "") or other not in (None, ""):
            found.append(Setting(name, write_value(here), write_value(other)))
    return found


def _find(result: dict, key: str):
    versions = result.get("versions")
    return versions[key] if isinstance(versions, dict) and key in versions else result.get(key)


def list_hashes(result: dict) -> list[tuple[str, str]]:
    """Return the data's files, each with its sha256."""
    data = result.get("data")
    hashes = data.get("sha256") if isinstance(data, dict) else None
    return (
        [(write_value(name), write_value(digest)) for name, digest in hashes.items()]
        if isinstance(hashes, dict)
        else []
    )


def name_data(result: dict) -> str:
    """Return the data set's name, "" of a run that reads none."""
    data = result.get("data")
    return write_value(data.get("name")) if isinstance(data, dict) else ""


def list_phases(result: dict) -> list[Phase]:
    """Return where the steps' time went, phase by phase; nothing of a result that is older than that."""
    times = result.get("times")
    phases = times.get("phases") if isinstance(times, dict) else None
    keys = ("steps", "steps_s", "ms_per_step", "ms_per_step_after_first_epoch", "cache_fill_s")
    return [
        Phase(number, *(write_number(phase.get(key), 2 if key.endswith("_s") else 3) for key in keys))
        for number, phase in enumerate((phases if isinstance(phases, list) else [])[:N_PHASES], 1)
        if isinstance(phase, dict)
    ]


def list_accounts(result: dict) -> list[tuple[Text, str]]:
    """Return the seconds of what is no step."""
    times = result.get("times")
    times = times if isinstance(times, dict) else {}
    found = [(name, write_number(times.get(key), 2)) for key, name in ACCOUNTS]
    return [(name, text) for name, text in found if text.strip("0.")]


def write_seconds(result: dict) -> str:
    """Return the wall time, "" where it is not recorded."""
    return write_number(result.get("wall_time_s"), 1)


def write_number(value: object, n_digits: int) -> str:
    """Return ``value`` for a person, "" where it is no finite number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < 1e15 or math.isnan(value):
        return ""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.{n_digits}f}"


def write_value(value: object) -> str:
    """Return a setting as a person would write it: ``4 4`` for a value a phase, ``–`` for none; cut where very long."""
    if value is None or value == "":
        return "–"
    if isinstance(value, (list, tuple)):
        return " ".join("…" if isinstance(one, (list, dict)) else write_value(one) for one in value[:20])
    text = str(value)
    return text if len(text) <= 200 else f"{text[:200]}…"
