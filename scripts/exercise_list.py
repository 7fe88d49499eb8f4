"""The exercises: which faults of tests/faults.py, what is offered beside them, and why the curve looks as it does."""

from typing import NamedTuple

from ref.pages.words import Text


class Exercise(NamedTuple):
    """A fault to be guessed.

    ``fault`` and ``decoys``, which are offered beside it, are names of faults of the port ``number``; ``why`` is the
    answer: what the line does to the curve.
    """

    number: int
    fault: str
    decoys: tuple[str, str]
    why: Text


EXERCISES = (
    Exercise(
        2,
        "images not scaled",
        ("ReLU for ELU", "L2 not added"),
        Text(
            "The pixels run from 0 to 255 in place of 0 to 1, and a squared error grows with their square, "
            "65,025: the curve has the right shape, tens of thousands of times too high. Look at the scale "
            "before the shape.",
            "像素值是 0 到 255 而不是 0 到 1，平方误差随之放大 65,025 倍：曲线形状没错，高了几万倍。先看刻度，再"
            "看形状。",
        ),
    ),
    Exercise(
        3,
        "ELU on the output",
        ("L2 on one layer only", "weights not tied"),
        Text(
            "An ELU squeezes what is below 0, as half of the outputs are at first, and their gradient with it: "
            "the first epochs are lost, later ones hide it.",
            "ELU 压扁 0 以下的值，而开始时一半的输出都在那里，梯度也随之变小：前几轮被浪费，后面就不大看得出了。",
        ),
    ),
    Exercise(
        3,
        "bias tied",
        ("bias regularized", "core's He initializer"),
        Text(
            "Weights are tied, biases are not: with one bias for the encoder's first and the decoder's first layer, "
            "which happen to be of one size, training is a little slower and goes on. Both have 300 units, so "
            "nothing fails.",
            "绑定的是权重，不是偏置：编码器和解码器的第一层恰好都是 300 个单元，共用一个偏置也不会报错，只是训练慢一"
            "点。",
        ),
    ),
    Exercise(
        2,
        "L2 halved",
        ("no L2 on the output", "first epoch not shuffled"),
        Text(
            "TensorFlow's `l2_loss` is half the sum of squares already; halved again, the penalty holds the "
            "weights less, and the training error is lower. A better curve is no proof of a right one. The "
            "golden is red before the first step, too: one op more gives the random ops after it other seeds.",
            "TensorFlow 的 `l2_loss` 本来就是平方和的一半；再减半，惩罚变轻，训练误差更低。曲线更好看，不等于写对"
            "了。标准值在第一步之前就红了：多一个操作，后面的随机操作就换了种子。",
        ),
    ),
    Exercise(
        2,
        "core's He initializer",
        ("L2 halved", "ELU on the output"),
        Text(
            "`contrib`'s He initializer and core's differ by a constant in the standard deviation. After an epoch "
            "nothing of it is left in the curve: it cannot be seen there. The golden sees it in the first weights.",
            "`contrib` 的 He 初始化与核心库的标准差只差一个常数。一轮之后曲线上什么也看不出来；标准值在初始权"
            "重里就看出来了。",
        ),
    ),
    Exercise(
        2,
        "first epoch not shuffled",
        ("validation split not removed", "core's He initializer"),
        Text(
            "The reader shuffles before the first batch. Without that, the first epoch sees the images in another "
            "order, and all later ones, too: another curve, no worse, as another seed would give. The golden tells it: "
            "no weight is off before the first step, and the loss of that step is, so other images were fed.",
            "读取器在第一个批次之前就打乱一次。少了这一次，第一轮及以后各轮的顺序都不同：换了一条曲线，却并不更差，"
            "就像换了一个种子。标准值看得出来：第一步之前的权重都对，第一步的损失却不对，说明馈送的图像不同。",
        ),
    ),
    Exercise(
        13,
        "sum of squares for their mean",
        ("sparsity not weighted", "logistic output"),
        Text(
            "The sum over 150 images of 784 pixels is 117,600 times the mean, so that beside it the sparsity loss "
            "weighs nothing: it stays in the hundreds, and the codings are not sparse.",
            "150 幅图像、784 个像素之和是均值的 117,600 倍，稀疏损失与之相比没有分量：一直是几百，编码并不稀疏。",
        ),
    ),
    Exercise(
        13,
        "KL's arguments swapped",
        ("KL's second half missing", "mean of the KL for its sum"),
        Text(
            "Both are 0 where a unit's activity is the target. But KL(p‖q) grows without bound where a unit is "
            "always on, and KL(q‖p) does not: such units are pushed down late, which the first epochs of the "
            "sparsity loss show. Training ends alike.",
            "激活等于目标时两者都为 0。但单元总是激活时，KL(p‖q) 无限增大，KL(q‖p) 却有上限：这样的单元很晚才被压"
            "下去，稀疏损失的前几轮看得出来。训练的结局相似。",
        ),
    ),
    Exercise(
        7,
        "phase 2 without var_list",
        ("biases frozen too", "phase 2 learns the images"),
        Text(
            "Without `var_list` phase 2 moves `weights1`, too. It is to reconstruct `hidden1`, and now may change "
            "it: the cheapest is to make it nearly the same for every image. The loss of phase 2 falls to almost "
            "nothing, and the test error of the whole stack is many times too high. The loss that is trained is not "
            "the loss that is meant.",
            "没有 `var_list`，第二阶段也会改动 `weights1`。它要重建 `hidden1`，现在却可以改它：最省事的办法是让它对每幅"
            "图像都几乎一样。第二阶段的损失几乎降到 0，而整个网络的测试误差高了许多倍。训练的损失，不一定是想要的损"
            "失。",
        ),
    ),
    Exercise(
        7,
        "a second optimizer for phase 2",
        ("phase 1 through the whole stack", "phase 1 regularizes the wrong layer"),
        Text(
            "The listing has one Adam: its step count runs on, so that phase 2's first moments are not corrected for "
            "starting at 0, and its first steps are some three times too long. A second Adam corrects them. The "
            "fault is the better program, and another one than the listing.",
            "原脚本只有一个 Adam：步数接着数，第二阶段的矩从 0 开始却没有修正，头几步大约长了三倍。新的 Adam 会修正。这"
            "个错误是更好的程序，但不再是原脚本。",
        ),
    ),
    Exercise(
        8,
        "cache of other images",
        ("cache taken before phase 1 ended", "one permutation an epoch"),
        Text(
            "The cache is filled in the opposite order. Phase 2 looks at nothing but the cache, which holds the same "
            "rows, so it trains as well on them: it cannot be seen in the curve. With labels beside it, all would be "
            "wrong.",
            "缓存是按相反的顺序填的。第二阶段只看缓存，而行还是那些行，所以训练得一样好：曲线上看不出来。要是旁边还有"
            "标签，就全错了。",
        ),
    ),
    Exercise(
        4,
        "mean of the vector loss",
        ("no L2 on the output", "right among the first two"),
        Text(
            "The listing minimizes a vector, so the gradient is a sum over the batch. With the mean it is 150 times "
            "smaller, and Adam, which divides by the gradient's size, takes the same steps: it can hardly be seen. "
            "With plain gradient descent it would be another rate of learning.",
            "原脚本最小化的是一个向量，梯度是批次上的和。换成均值，梯度小了 150 倍，而 Adam 会除以梯度的大小，走的步子"
            "一样：几乎看不出来。换成普通的梯度下降，这就等于换了学习率。",
        ),
    ),
    Exercise(
        11,
        "uniform noise",
        ("half the noise", "no noise at evaluation"),
        Text(
            "Uniform noise from 0 to 1 has another spread than the normal, and a mean of a half: the network has "
            "to learn that first, and the curve falls late and restlessly. It is made of other ops, too, so that "
            "the weights begin with other seeds.",
            "0 到 1 的均匀噪声与正态噪声幅度不同，均值还是 0.5：网络得先学会减掉它，曲线下降得晚，也不平稳。它由"
            "别的操作组成，所以权重的种子也变了。",
        ),
    ),
    Exercise(
        16,
        "latent loss not trained",
        ("mean of the latent loss for its sum", "noise is uniform"),
        Text(
            "With the reconstruction loss alone the codings may lie wherever they like: the reconstruction is "
            "better, the latent loss grows epoch by epoch. Digits drawn from N(0, 1) would be none.",
            "只训练重建损失，编码放在哪里都行：重建更好，潜在损失却一轮比一轮大。从 N(0, 1) 抽取编码生"
            "成的就不像数字了。",
        ),
    ),
)
NAMES = {  # of the faults that are offered, in Chinese
    "images not scaled": "图像没有缩放",
    "ReLU for ELU": "ELU 写成 ReLU",
    "L2 not added": "没有加上 L2",
    "ELU on the output": "输出层用了 ELU",
    "L2 on one layer only": "只对一层做 L2",
    "weights not tied": "权重没有绑定",
    "bias tied": "偏置也绑定了",
    "bias regularized": "偏置也做了正则化",
    "core's He initializer": "用了核心库的 He 初始化",
    "L2 halved": "L2 减半",
    "no L2 on the output": "输出层没有 L2",
    "first epoch not shuffled": "第一轮没有打乱",
    "validation split not removed": "没有去掉验证集",
    "sum of squares for their mean": "均值写成了平方和",
    "sparsity not weighted": "稀疏损失没有乘权重",
    "logistic output": "输出层用了 logistic",
    "KL's arguments swapped": "KL 的参数对调",
    "KL's second half missing": "KL 少了后一半",
    "mean of the KL for its sum": "KL 求和写成求均值",
    "phase 2 without var_list": "第二阶段漏了 `var_list`",
    "biases frozen too": "偏置也被冻结",
    "phase 2 learns the images": "第二阶段学的是图像",
    "a second optimizer for phase 2": "第二阶段另建优化器",
    "phase 1 through the whole stack": "第一阶段穿过整个网络",
    "phase 1 regularizes the wrong layer": "第一阶段正则化错了层",
    "cache of other images": "缓存的是别的图像",
    "cache taken before phase 1 ended": "第一阶段结束前就取了缓存",
    "one permutation an epoch": "每轮只排列一次",
    "mean of the vector loss": "向量损失取了均值",
    "right among the first two": "前两名有一个对就算对",
    "uniform noise": "噪声是均匀分布",
    "half the noise": "噪声减半",
    "no noise at evaluation": "评估时没有噪声",
    "latent loss not trained": "没有训练潜在损失",
    "mean of the latent loss for its sum": "潜在损失求和写成求均值",
    "noise is uniform": "噪声是均匀分布",
}
