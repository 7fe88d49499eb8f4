"""What is said of autoencoder_3."""

from ref.pages.words import Text
from scripts.site.said import Answer
from scripts.site.said.common import CONTRIB, READER_AND_PLOT, SEEDED, WHAT_BUILD_DOES, say_reconstructions

ABOUT = (
    Text(
        "The decoder's weights are the encoder's, transposed. Nothing new is learned on the way back, so there is "
        "half as much to train: {3 parameters} numbers, where autoencoder_2 trains {2 parameters}.",
        "解码器的权重就是编码器权重的转置。往回走时没有新东西要学，要训练的只有一半：{3 parameters} 个数，而 "
        "autoencoder_2 要训练 {2 parameters} 个。",
    ),
)
SEE = (
    Answer(
        Text("What ties the weights?", "是什么把权重绑在一起？"),
        Text(
            "`weights3` and `weights4` are no variables but ops: transposes, computed from `weights2` and `weights1` "
            "whenever they are needed. A training step moves `weights1`, and `weights4` is another at once. Gradients "
            "of both uses are added.",
            "`weights3` 和 `weights4` 不是变量，而是操作（op）：每次用到时由 `weights2`、`weights1` 转置得出。训练一步"
            "更新了 `weights1`，`weights4` 也就跟着变了。两处用到的梯度相加。",
        ),
        ("weights3 = tf.transpose", "weights4 = tf.transpose"),
    ),
    Answer(
        Text("Why are only two matrices regularized?", "为什么只对两个矩阵做正则化？"),
        Text(
            "Because there are only two: the other two are the same numbers. Biases are never tied, each layer has "
            "its own.",
            "因为只有两个：另外两个是同样的数。偏置从不绑定，每层各有各的。",
        ),
        ("reg_loss = regularizer", 'name="biases3"', 'name="biases4"'),
    ),
    WHAT_BUILD_DOES,
)
DIFFERENCES = (CONTRIB, READER_AND_PLOT, SEEDED)
FIGURES = {
    "reconstructions": say_reconstructions(
        "Tied weights, five epochs.",
        "权重绑定，五轮。",
        "the reconstructions can be told, with soft edges, the 2 on a grey ground.",
        "重建认得出来，边缘柔和，2 的底色发灰。",
    )
}
