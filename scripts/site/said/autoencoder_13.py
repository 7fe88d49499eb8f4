"""What is said of autoencoder_13."""

from ref.pages.words import Text
from scripts.site.differences import Difference
from scripts.site.said import Answer, Figure
from scripts.site.said.common import DENSE, READER, SEEDED, say_reconstructions

ABOUT = (
    Text(
        "Here the hidden layer is larger than the image, {13 setting n_hidden1} units, and nothing is squeezed. "
        "Instead each unit is to be active in about {13 setting sparsity_target} of the cases: a second term of the "
        "loss sees to it, and an image has to be described by few units.",
        "这里隐藏层比图像还大，有 {13 setting n_hidden1} 个单元，并不压缩。取而代之的是：每个单元平均只该有 "
        "{13 setting sparsity_target} 的激活。损失里的第二项管这件事，于是一张图只能用少数单元来描述。",
    ),
)
SEE = (
    Answer(
        Text("What did the KL term do?", "KL 这一项做了什么？"),
        Text(
            "It drew the mean activity of every unit to {13 setting sparsity_target}. Untrained, a logistic unit "
            "gives about a half, and the divergences of all units add up to {13 untrained sparsity_loss}; after "
            "training they add up to {13 Sparsity loss}. Were all units equally far off, their means would be within "
            "{13 distance of a unit} of the target. How much it counts beside the error is said by its weight, "
            "{13 setting sparsity_weight}.",
            "它把每个单元的平均激活拉到 {13 setting sparsity_target}。未训练时，logistic 单元的输出大约是一半，全部单"
            "元的散度加起来是 {13 untrained sparsity_loss}；训练之后是 {13 Sparsity loss}。假如各单元偏离得一样多，平"
            "均激活与目标相差不过 {13 distance of a unit}。它相对误差占多大分量，由权重 {13 setting sparsity_weight} "
            "决定。",
        ),
        ("hidden1_mean = tf.reduce_mean(hidden1", "sparsity_loss = tf.reduce_sum(", "loss = reconstruction_loss +"),
    ),
    Answer(
        Text("Why KL divergence and not the squared distance?", "为什么用 KL 散度，而不用距离的平方？"),
        Text(
            "Its slope is steeper far from the target, so units that are far off are drawn back faster: the figure "
            "shows both. It is infinite at 0 and 1.",
            "离目标远时它更陡，偏得远的单元被更快拉回来：图里画了两者。在 0 和 1 处它是无穷大。",
        ),
        ("return p * tf.log(p / q)", "mse = (p - q) ** 2"),
    ),
    Answer(
        Text("Why is the batch so large?", "批次为什么这么大？"),
        Text(
            "The mean is over the batch: of {13 setting batch_size} images it says something of a unit, of a few it "
            "would be chance.",
            "平均是对批次求的：{13 setting batch_size} 张图的平均能说明一个单元的情况，几张图的平均只是碰巧。",
        ),
        ("def train(",),
    ),
)
SAFE_KL = Difference(
    "`--safe-kl`, off by default",
    "`--safe-kl` 默认关闭，打开后即使整批都饱和也是有限值。",
    ("safe_kl_divergence if safe_kl",),
)
DIFFERENCES = (
    DENSE,
    Difference(
        "It draws two test digits and their reconstructions, and the sparsity loss",
        "它画出两个测试数字和各自的重建，以及稀疏损失：随书笔记本画了，笔记没有画；图例移开，不挡文字。",
        ("draw_sparsity_loss(run, g.", "show_reconstructed_digits(run", "ax.legend("),
    ),
    READER,
    SEEDED,
)
FIGURES = {
    "reconstructions": say_reconstructions(
        "With sparse codings.",
        "用稀疏编码。",
        "the reconstructions are sharp, with some specks on a light grey ground.",
        "重建清晰，浅灰底色上有些斑点。",
    ),
    "sparsity_loss": Figure(
        Text(
            "The KL divergence and the squared error over a unit's actual sparsity; the target is 0.1.",
            "KL 散度与平方误差随单元实际稀疏度的变化；目标是 0.1。",
        ),
        Text(
            "Both curves touch zero at the target, 0.1. To the right the KL divergence rises above the squared error, "
            "ever more steeply; left of it, it shoots up towards 0.",
            "两条曲线都在目标 0.1 处为零。往右，KL 散度升得比平方误差高，越来越陡；往左靠近 0 时急剧上升。",
        ),
    ),
}
