"""What is said of autoencoder_11."""

from ref.pages.words import Text
from scripts.site.said import Answer
from scripts.site.said.common import DENSE, READER, SEEDED

ABOUT = (
    Text(
        "The network is given a noisy image and has to give back the clean one. So it cannot just copy pixels: it has "
        "to know what digits look like. The noise is drawn in the graph.",
        "给网络一张带噪声的图，要它还原干净的图。照搬像素行不通，它得知道数字长什么样。噪声是在图里抽取的。",
    ),
)
SEE = (
    Answer(
        Text("Which line adds the noise, and when?", "哪一行加噪声，什么时候加？"),
        Text(
            "`X_noisy` is an op, not a value: `tf.random_normal` draws anew every time a session runs it, with a "
            "standard deviation of {11 setting noise_level}. The loss compares with `X`, the clean image.",
            "`X_noisy` 是操作（op），不是值：会话每运行一次，`tf.random_normal` 就重新抽一次，标准差是 "
            "{11 setting noise_level}。损失与干净的 `X` 相比。",
        ),
        ("X_noisy = X +", "reconstruction_loss = tf.reduce_mean"),
    ),
    Answer(
        Text("Why does the printed error hardly fall?", "为什么打印的误差几乎不降？"),
        Text(
            "The evaluation draws noise, too; the graph has no switch for it. It starts at {11 Train MSE first} after "
            "the first epoch and ends at {11 Train MSE}. autoencoder_12 evaluates without noise: its number is "
            "another quantity.",
            "求值时也抽噪声，图里没有开关。第一轮之后是 {11 Train MSE first}，最后是 {11 Train MSE}。autoencoder_12 求"
            "值时不加噪声：它的数是另一种量。",
        ),
        ("loss_train = g.reconstruction_loss.eval",),
    ),
)
DIFFERENCES = (DENSE, READER, SEEDED)
FIGURES: dict = {}
