"""What is said of each pair of scripts: what differs, and what that does to the numbers."""

from typing import NamedTuple

from ref.pages.words import Text


class Lesson(NamedTuple):
    """Two scripts side by side.

    Attributes:
      left, right: their numbers.
      title: what the lesson is.
      says: what differs, in a sentence or two.
      measured: what it does to the numbers, with slots of scripts/site/numbers.py.
      label: the printed number of which the two can be compared, "" where they print different quantities.
    """

    left: int
    right: int
    title: Text
    says: Text
    measured: tuple[Text, ...]
    label: str = ""


LESSONS = (
    Lesson(
        3,
        2,
        Text("tied weights, and weights of their own", "绑定的权重，与各自的权重"),
        Text(
            "3 writes its layers out, because two of its matrices are transposes; 2 makes four layers from one "
            "template. Rate, epochs and what is regularized differ, too.",
            "3 把每层写出来，因为有两个矩阵是转置；2 用一个模板造四层。学习率、轮数和正则化的对象也不同。",
        ),
        (
            Text(
                "3 trains {3 parameters} numbers, 2 trains {2 parameters}. Train MSE at the end: {3 Train MSE} in 3, "
                "{2 Train MSE} in 2, in the book's notebook {3 book Train MSE} and {2 book Train MSE}. The listings "
                "train at {3 setting learning_rate} for {3 setting n_epochs} epochs and at {2 setting learning_rate} "
                "for {2 setting n_epochs}, so the difference is not that of tying alone.",
                "3 训练 {3 parameters} 个数，2 训练 {2 parameters} 个。最后的训练 MSE：3 是 {3 Train MSE}，2 是 "
                "{2 Train MSE}，随书笔记本里是 {3 book Train MSE} 和 {2 book Train MSE}。两个脚本一个以 "
                "{3 setting learning_rate} 训练 {3 setting n_epochs} 轮，一个以 {2 setting learning_rate} 训练 "
                "{2 setting n_epochs} 轮，所以差别不只来自绑定。",
            ),
        ),
        "Train MSE",
    ),
    Lesson(
        7,
        8,
        Text("computing the frozen layer, and feeding it from a cache", "重算冻结层，与从缓存馈送"),
        Text(
            "The graph is the same to the last line. Only the loop differs: 8 computes `hidden1` once for all images "
            "and feeds it in phase 2, with batches drawn by a permutation of all images.",
            "图一行不差。只有循环不同：8 对所有图像只算一次 `hidden1`，第二阶段馈送它，批次由全部图像的排列抽出。",
        ),
        (
            Text(
                "A step of phase 2 takes {7 ms a step in phase 2} ms in 7 and {8 ms a step in phase 2} ms in 8: the "
                "permutation alone takes {engine book cached sampler_ms_per_step} ms. Where both shuffle once an "
                "epoch, it is {engine epoch-shuffle recomputed ms_per_step} ms without and "
                "{engine epoch-shuffle cached ms_per_step} ms with the cache. Whole runs: {7 seconds} s and "
                "{8 seconds} s.",
                "第二阶段一步，7 要 {7 ms a step in phase 2} 毫秒，8 要 {8 ms a step in phase 2} 毫秒：光是排列就要 "
                "{engine book cached sampler_ms_per_step} 毫秒。两者都改成每轮打乱一次，不用缓存是 "
                "{engine epoch-shuffle recomputed ms_per_step} 毫秒，用缓存是 "
                "{engine epoch-shuffle cached ms_per_step} 毫秒。整次运行：{7 seconds} 秒和 {8 seconds} 秒。",
            ),
            Text(
                "Test MSE: {7 Test MSE} in 7, {8 Test MSE} in 8; in the book {7 book Test MSE} and {8 book Test MSE}.",
                "测试 MSE：7 是 {7 Test MSE}，8 是 {8 Test MSE}；书中是 {7 book Test MSE} 和 {8 book Test MSE}。",
            ),
        ),
        "Test MSE",
    ),
    Lesson(
        4,
        5,
        Text("from random weights, and from pretrained ones", "从随机权重出发，与从预训练权重出发"),
        Text(
            "5 is 4 and one call: `pretrain_saver` restores two layers from autoencoder_8's checkpoint, after `init`.",
            "5 就是 4 加一次调用：在 `init` 之后，用 `pretrain_saver` 从 autoencoder_8 的检查点恢复两层。",
        ),
        (
            Text(
                "Test accuracy: {4 Test accuracy} without pretraining, {5 Test accuracy} with it; in the book "
                "{4 book Test accuracy} and {5 book Test accuracy}.",
                "测试准确率：不用预训练 {4 Test accuracy}，用预训练 {5 Test accuracy}；书中是 {4 book Test accuracy} "
                "和 {5 book Test accuracy}。",
            ),
        ),
        "Test accuracy",
    ),
    Lesson(
        11,
        12,
        Text("noise, and dropout", "加噪声，与 dropout"),
        Text(
            "11 adds Gaussian noise to the input, always. 12 switches pixels off, and has a placeholder that says "
            "when: in training steps alone.",
            "11 给输入加高斯噪声，始终都加。12 关掉像素，并用一个占位符控制何时关：只在训练那一步。",
        ),
        (
            Text(
                "The printed errors, {11 Train MSE} and {12 Train MSE} (book: {11 book Train MSE} and "
                "{12 book Train MSE}), are of different quantities: 11 is evaluated on noisy images, 12 on whole "
                "ones. The time can be compared: a step takes {11 ms a step in phase 1} ms and "
                "{12 ms a step in phase 1} ms.",
                "打印的误差 {11 Train MSE} 和 {12 Train MSE}（书中 {11 book Train MSE} 和 {12 book Train MSE}）不是同"
                "一种量：11 在带噪声的图像上求值，12 在完整的图像上。用时可以比：一步 {11 ms a step in phase 1} 毫秒"
                "和 {12 ms a step in phase 1} 毫秒。",
            ),
        ),
    ),
    Lesson(
        13,
        14,
        Text("squared error, and cross-entropy", "平方误差，与交叉熵"),
        Text(
            "The KL term stays; the output becomes a logistic function and the error the cross-entropy, computed from "
            "the logits. The printed label stays, too.",
            "KL 项不变；输出改成 logistic 函数，误差改成由 logits 算出的交叉熵。打印的标签也没有改。",
        ),
        (
            Text(
                "What is printed as `Train MSE` is {13 Train MSE} in 13 and {14 Train MSE} in 14, two different "
                "measures. The sparsity loss is the same one in both: {13 Sparsity loss} and {14 Sparsity loss} at "
                "the end. The runs took {13 seconds} s and {14 seconds} s for {13 setting n_epochs} epochs each: it "
                "is no faster in time.",
                "打印成 `Train MSE` 的，13 是 {13 Train MSE}，14 是 {14 Train MSE}，是两种度量。稀疏损失两者是同一种："
                "最后是 {13 Sparsity loss} 和 {14 Sparsity loss}。{13 setting n_epochs} 轮各用 {13 seconds} 秒和 "
                "{14 seconds} 秒：论时间并不更快。",
            ),
        ),
        "Sparsity loss",
    ),
    Lesson(
        15,
        16,
        Text("σ, and γ = log σ²", "σ，与 γ = log σ²"),
        Text(
            "One layer is read differently: as σ, or as the logarithm of its square. So a few lines of the graph "
            "change. After training 16 goes on, and makes digits.",
            "有一层的读法不同：当作 σ，或当作 σ² 的对数。于是图里改几行。训练之后 16 继续往下，生成数字。",
        ),
        (
            Text(
                "The total loss ends at {15 Train total loss} in 15 and {16 Train total loss} in 16; in the book "
                "{15 book Train total loss} and {16 book Train total loss}. In 15 there are "
                "{15 jumps above 20 %} epochs, in 16 there are {16 jumps above 20 %}, in which it rose by more than "
                "20 %: log σ² has no pole at σ = 0.",
                "总损失最后 15 是 {15 Train total loss}，16 是 {16 Train total loss}；书中是 "
                "{15 book Train total loss} 和 {16 book Train total loss}。一轮之内上升超过 20 % 的，15 有 "
                "{15 jumps above 20 %} 次，16 有 {16 jumps above 20 %} 次：log σ² 在 σ = 0 处没有极点。",
            ),
        ),
        "Train total loss",
    ),
)
