"""What is said of autoencoder_8."""

from ref.pages.words import Text
from scripts.site.differences import Difference
from scripts.site.said import Answer
from scripts.site.said.common import CONTRIB, LOSSES, MAIN, READER

ABOUT = (
    Text(
        "Network and phases are autoencoder_7's. As `hidden1` is frozen in phase 2, its output for an image never "
        "changes: so it is computed once for all training images and fed from this cache, and the first layer is not "
        "computed again.",
        "网络和两个阶段与 autoencoder_7 相同。`hidden1` 在第二阶段已冻结，同一张图的输出不再变化：于是对全部训练图像只"
        "算一次，之后从这个缓存馈送，第一层不再重算。",
    ),
)
SEE = (
    Answer(
        Text("Why is 8 slower than 7?", "为什么 8 比 7 慢？"),
        Text(
            "The cache saves work, and the sampling costs more than it saves. For every batch of phase 2 the listing "
            "draws a permutation of all training images and uses its first {8 setting batch_sizes} numbers. On the "
            "machine of the recorded runs a step of phase 2 takes {8 ms a step in phase 2} ms, in autoencoder_7 "
            "{7 ms a step in phase 2} ms. Measured apart, {engine book cached sampler_ms_per_step} of "
            "{engine book cached ms_per_step} ms with the cache are the permutation. With one shuffle an epoch the "
            "same step takes {engine epoch-shuffle cached ms_per_step} ms from the cache, and "
            "{engine epoch-shuffle recomputed ms_per_step} ms without it: there the cache pays.",
            "缓存省了计算，但抽样花掉的比省下的多。第二阶段每取一个批次，原脚本都把全部训练图像重新排列一遍，只用前 "
            "{8 setting batch_sizes} 个。在录制运行的机器上，第二阶段一步要 {8 ms a step in phase 2} 毫"
            "秒，autoencoder_7 是 {7 ms a step in phase 2} 毫秒。另外测得，用缓存的一步 "
            "{engine book cached ms_per_step} 毫秒里，有 {engine book cached sampler_ms_per_step} 毫秒是排列。改成每轮"
            "只打乱一次，同样的一步从缓存取要 {engine epoch-shuffle cached ms_per_step} 毫秒，不用缓存要 "
            "{engine epoch-shuffle recomputed ms_per_step} 毫秒：这时缓存才划算。",
        ),
        ("indices = rnd.permutation(", "hidden1_batch = hidden1_cache["),
    ),
    Answer(
        Text("How can `hidden1` be fed, when it is no placeholder?", "`hidden1` 不是占位符，怎么也能馈送？"),
        Text(
            "Any tensor of a graph can be. What is fed is taken as it is, and whatever it would have been computed "
            "from, `X` and `weights1`, is not run: that is why `X` is missing from this `feed_dict`.",
            "图里任何张量都可以馈送。馈送的值原样采用，原本用来算它的 `X` 和 `weights1` 就不再运行：所以这个 "
            "`feed_dict` 里没有 `X`。",
        ),
        ("feed_dict = {g.hidden1: hidden1_batch}", "hidden1_cache = g.hidden1.eval("),
    ),
    Answer(
        Text("Is the result another one?", "结果不同吗？"),
        Text(
            "The cache changes no number; the sampling does: batches are drawn anew each time, so in an epoch some "
            "images come twice and some never. Test MSE {8 Test MSE}, in autoencoder_7 {7 Test MSE}; the book has "
            "{8 book Test MSE} and {7 book Test MSE}.",
            "缓存不改变任何数，抽样会：每个批次都重新抽，一轮之内有的图出现两次，有的一次也没有。测试 MSE 是 "
            "{8 Test MSE}，autoencoder_7 是 {7 Test MSE}；书中是 {8 book Test MSE} 和 {7 book Test MSE}。",
        ),
    ),
    Answer(
        Text("What did `var_list` freeze?", "`var_list` 冻结了什么？"),
        Text(
            "`weights1` and `biases1`, of which the cache is made: phase 2 moves {8 moved by phase2_training_op} "
            "alone. Were they moved, the cache would be wrong after the first step.",
            "缓存所用的 `weights1` 和 `biases1`：第二阶段只更新 {8 moved by phase2_training_op}。不冻结的话，走一步之后"
            "缓存就不对了。",
        ),
        ("train_vars = [weights2", "phase2_training_op = optimizer.minimize("),
    ),
)
DIFFERENCES = (
    CONTRIB,
    READER,
    Difference(
        "All is seeded",
        "一切随机都有种子（`--seed`），排列由读取器自己的生成器抽取；NumPy 的全局生成器也会给出同样的数。",
        (MAIN, "indices = rnd.permutation("),
    ),
)
FIGURES = {"losses": LOSSES}
