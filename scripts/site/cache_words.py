"""What the benchmark's tables, plots and captions say, in Chinese; a word that is missing here fails the page."""

import re

from bench.report import captions
from ref.pages.words import Text

HEADERS = {
    "machine": "机器",
    "data": "数据",
    "who": "实现",
    "fastest form here": "此处最快的形式",
    "cached, ms/step": "用缓存，毫秒/步",
    "quartiles": "四分位数",
    "examples/s": "样本/秒",
    "recomputed, ms/step": "重新计算，毫秒/步",
    "what the cache gains": "缓存的增益",
    "time to the floor's": "用时与下限之比",
    "recomputed, to its floor's": "重新计算，与其下限之比",
    "speed to the best peer's": "速度与最快的其他库之比",
    "recomputed, to its best peer's": "重新计算，与最快的其他库之比",
    "of the peak": "占峰值",
    "recomputed, of the peak": "重新计算，占峰值",
    "memory, MB": "内存，MB",
    "loss to NumPy's": "损失与 NumPy 之差",
    "device": "设备",
    "batch": "批次",
    "engine": "引擎",
    "frozen layer": "冻结层",
    "ms/step": "毫秒/步",
    "of it the sampler, ms": "其中采样，毫秒",
    "of it lookup and feed, ms": "其中查找与馈送，毫秒",
    "cache fill, s": "填充缓存，秒",
    "MB": "MB",
    "pays after, epochs": "几轮后回本",
    "varied": "改变的量",
    "to": "改为",
    "fill of the file, s": "写缓存文件，秒",
    "its MB": "文件，MB",
    "port": "脚本",
    "steps": "步数",
    "steps/s": "步/秒",
    "TensorFlow 1's steps/s": "TensorFlow 1 的步/秒",
    "ours to TensorFlow 1's": "本项目与 TensorFlow 1 之比",
    "products, MFLOP/step": "矩阵乘法，MFLOP/步",
    **{f"`xla` {en}, ms/step": f"`xla` {zh}，毫秒/步" for en, zh in (("cached", "用缓存"), ("recomputed", "重新计算"))},
    **{
        f"{en}: {what}": f"{zh}：{said}"
        for en, zh in (("cached", "用缓存"), ("recomputed", "重新计算"))
        for what, said in (
            ("best peer, ms/step", "最快的其他库，毫秒/步"),
            ("speed to its", "速度之比"),
            ("time to the floor's", "用时与下限之比"),
            ("of the peak", "占峰值"),
        )
    },
    **{
        said: zh
        for engine in ("`epoch-shuffle`", "`xla`")
        for said, zh in (
            (f"{engine} cached, ms/step", f"{engine} 用缓存，毫秒/步"),
            (f"{engine} recomputed", f"{engine} 重新计算"),
            (f"gain of {engine}", f"{engine} 的增益"),
        )
    },
    **{
        f"{start}, {n} epoch{'s' if n > 1 else ''}, s": f"{zh}，{n} 轮，秒"
        for start, zh in (("cold", "冷启动"), ("warm", "已启动"))
        for n in (1, 4, 30)
    },
}
PLOTS = {
    "ms a step": "毫秒/步",
    "gain": "增益",
    "step, cached": "一步，用缓存",
    "saved by the cache": "缓存省下的",
    "lost by the cache": "缓存多花的",
    "BLAS floor, cached": "BLAS 下限，用缓存",
    "BLAS floor, recomputed": "BLAS 下限，重新计算",
    "batch": "批次",
    "rows": "行数",
    "width": "宽度",
    "frozen layers": "冻结层数",
    "cached": "用缓存",
    "recomputed": "重新计算",
    "a step: the band is what the cache saves": "一步的时间：色带是缓存省下的",
    "gain of the cache, and its quartiles": "缓存的增益及其四分位数",
}
CELLS = {"cached": "用缓存", "recomputed": "重新计算", "all": "全部", **PLOTS}
RANGE = re.compile(r"([\d.]+) to ([\d.]+)")


def say_header(language: str, name: str) -> str:
    return HEADERS[name] if language == "zh" else name


def say_cell(language: str, text: str) -> str:
    """Return a cell's text: numbers and names are the same in both languages."""
    return say_parts(RANGE.sub(r"\1–\2", CELLS.get(text, text))) if language == "zh" else text


def say_parts(text: str) -> str:
    """Return a text with what captions say of threads and batches in Chinese."""
    return re.sub(r", batch (?=\d)", "，批次 ", re.sub(r", (\d+) threads?", r"，\1 个线程", text))


def name_machine(result: dict) -> Text:
    """Return the processor and how many of its threads computed."""
    en = captions.name_machine(result)
    return Text(en, say_parts(en))


def describe(result: dict) -> Text:
    """Return what stands beside a table: machine, versions, data, sizes, rounds."""
    work = result["work"]
    versions = captions.describe_machine(result).removeprefix(captions.name_machine(result))
    versions = versions.replace("; beside it ", "；对照：").replace("; ", "；").replace(", ", "、")
    if result["kind"] == "growth":
        base = f"{work['rows']:,} 行，批次 {work['batch']}，宽度 {work['width']}，冻结 {work['frozen']} 层"
        sizes = f"噪声数据；基准：{base}，每次只改一项"
    else:
        batch = f"，批次 {work['batch']:,}" if "batch" in work else ""
        sizes = f"{work['data']} 的 {work['rows']:,} 行{batch}"
    n = work["rounds"]
    rounds = {
        "peers": f"{n} 次（每次一轮，交替进行）的中位数",
        "engines": f"{n} 次（每次一轮）的中位数",
        "growth": f"{n} 次的中位数",
        "ports": f"各阶段 {n} 次中最快的一次",
    }[result["kind"]]
    peak = f"；峰值 {work['peak_gflop_per_s']:,.0f} GFLOP/s" if work.get("peak_gflop_per_s") else ""
    return Text(captions.describe(result), f"{name_machine(result).zh}{versions}。{sizes}；{rounds}{peak}。")
