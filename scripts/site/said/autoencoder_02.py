"""What is said of autoencoder_2."""

from ref.pages.words import Text
from scripts.site.differences import Difference
from scripts.site.said import Answer
from scripts.site.said.common import LAYERS, READER_AND_PLOT, SEEDED, WHAT_BUILD_DOES, say_reconstructions

ABOUT = (
    Text(
        "An image of 784 pixels is squeezed through 300 and then 150 numbers, and built up again through 300. The "
        "four layers are made from one template, `my_fully_connected`: activation, initial values and L2 penalty are "
        "said once.",
        "784 个像素的图像先压到 300 个数，再压到 150 个，然后经 300 个还原。四层用同一个模板 `my_fully_connected` 造"
        "出：激活函数、初始值和 L2 惩罚只说一次。",
    ),
)
SEE = (
    WHAT_BUILD_DOES,
    Answer(
        Text("Where do the L2 losses come from?", "L2 损失从哪里来？"),
        Text(
            "Each layer puts its penalty into a collection of the graph, a named list; the loss is the reconstruction "
            "loss plus all that is found there. Forget the second line, and nothing is regularized, without an error.",
            "每一层把自己的惩罚放进图的一个集合（一个有名字的列表）；损失等于重建损失加上集合里的全部。忘了第二行，就"
            "没有正则化，而且不会报错。",
        ),
        ("reg_losses = tf.get_collection", "loss = tf.add_n("),
    ),
    Answer(
        Text("Why is the error larger than the book's?", "为什么误差比书中大？"),
        Text(
            "The notes' listing trains at a learning rate of {2 setting learning_rate} with an L2 penalty of "
            "{2 setting l2_reg} for {2 setting n_epochs} epochs and ends at {2 Train MSE}. The book's notebook had "
            "0.01 and 0.0001, and ended at {2 book Train MSE} after 5.",
            "笔记的脚本用学习率 {2 setting learning_rate}、L2 惩罚 {2 setting l2_reg} 训练 {2 setting n_epochs} 轮，最"
            "后是 {2 Train MSE}。随书笔记本用 0.01 和 0.0001，5 轮之后是 {2 book Train MSE}。",
        ),
        ("def build(",),
    ),
)
DIFFERENCES = (
    Difference(
        "`contrib.layers` come from",
        "`contrib.layers` 改由 ref.common.layers 提供：contrib 已经没有了。它的 `arg_scope` 在这里是 `partial`，书里用 "
        "`tf.layers` 的地方也这样写；最后一层照旧另给激活函数。",
        (LAYERS, "my_fully_connected = partial("),
    ),
    READER_AND_PLOT,
    SEEDED,
)
FIGURES = {
    "reconstructions": say_reconstructions(
        "At this penalty they stay blurred.",
        "惩罚这么大，重建是模糊的。",
        "the reconstructions are blurred on a grey ground, the 2 almost an 8.",
        "重建模糊，底色发灰，2 几乎像 8。",
    )
}
