"""What is said of autoencoder_12."""

from ref.pages.words import Text
from scripts.site.differences import Difference
from scripts.site.said import Answer
from scripts.site.said.common import LAYERS, READER, SEEDED, say_reconstructions

ABOUT = (
    Text(
        "As autoencoder_11, but instead of noise, pixels are switched off at random: dropout on the input. In training "
        "only, which takes a switch in the graph.",
        "与 autoencoder_11 一样，但不是加噪声，而是随机关掉一些像素：对输入做 dropout。只在训练时做，所以图里要有一个"
        "开关。",
    ),
)
SEE = (
    Answer(
        Text("What switches dropout on?", "什么打开 dropout？"),
        Text(
            "`training`, a placeholder that has a default: who feeds nothing gets False. Only the training step feeds "
            "True; the printed error and the figure are of whole images.",
            "`training`，一个有默认值的占位符：不馈送就是 False。只有训练那一步馈送 True；打印的误差和图用的是完整的图"
            "像。",
        ),
        ("training = tf.placeholder_with_default(", "g.training: True"),
    ),
    Answer(
        Text("What does dropout do to a pixel?", "dropout 对像素做什么？"),
        Text(
            "With probability {12 setting dropout_rate} it becomes 0; the others are divided by what is left, so that "
            "their sum stays as it was on average. The error falls to {12 Train MSE}; the book has "
            "{12 book Train MSE}.",
            "以 {12 setting dropout_rate} 的概率变成 0，其余的除以保留的比例，使总和平均不变。误差降到 "
            "{12 Train MSE}，书中是 {12 book Train MSE}。",
        ),
        ("X_drop = dropout(",),
    ),
)
DIFFERENCES = (
    Difference(
        "`tf.layers.dense` and `tf.layers.dropout` come from",
        "`tf.layers.dense` 和 `tf.layers.dropout` 改由 ref.common.layers 提供：原来的函数在 Keras 3 下会报"
        "错，TensorFlow 2 的 dropout 又由别的操作构成。",
        (LAYERS,),
    ),
    Difference(
        "It draws two test digits",
        "它画出两个测试数字和各自的重建：随书笔记本画了，笔记没有画。",
        ("show_reconstructed_digits(run",),
    ),
    READER,
    SEEDED,
)
FIGURES = {
    "reconstructions": say_reconstructions(
        "Of whole images, as dropout is off here.",
        "用的是完整图像，这里 dropout 已关。",
        "the reconstructions are recognizable and a little smeared, on a light grey ground.",
        "重建认得出来，略有拖影，底色浅灰。",
    )
}
