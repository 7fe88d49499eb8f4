"""What is said of autoencoder_14."""

from ref.pages.words import Text
from scripts.site.said import Answer
from scripts.site.said.autoencoder_13 import SAFE_KL
from scripts.site.said.common import DENSE, DRAWS_TWO, READER, SEEDED, say_reconstructions

ABOUT = (
    Text(
        "autoencoder_13 with another measure of the error: pixels are taken for probabilities, the output is a "
        "logistic function, and the loss is the cross-entropy, whose gradient does not fade where the output is wrong "
        "and saturated.",
        "autoencoder_13 换一种误差：把像素当作概率，输出用 logistic 函数，损失用交叉熵；输出错了又饱和时，它的梯度也不"
        "会消失。",
    ),
)
SEE = (
    Answer(
        Text("What takes the place of the MSE?", "什么代替了 MSE？"),
        Text(
            "`sigmoid_cross_entropy_with_logits` on `logits`, before the logistic function, which keeps it from "
            "overflowing. `outputs` is for looking only: the loss does not use it.",
            "对 `logits`（还没过 logistic 函数）用 `sigmoid_cross_entropy_with_logits`，不会溢出。`outputs` 只是用来看"
            "的，损失不用它。",
        ),
        ("logits = dense(", "xentropy = tf.nn.sigmoid_cross", "outputs = tf.nn.sigmoid(logits)"),
    ),
    Answer(
        Text("What is odd about what it prints?", "它打印的内容怪在哪里？"),
        Text(
            "The label is still `Train MSE:`, the number is the cross-entropy: {14 Train MSE} here is no worse than "
            "{13 Train MSE} in autoencoder_13. It does not go to zero even for a perfect copy, as grey pixels have an "
            "entropy.",
            "标签仍是 `Train MSE:`，数却是交叉熵：这里的 {14 Train MSE} 并不比 autoencoder_13 的 {13 Train MSE} 差。就"
            "算完全照搬也到不了零，因为灰色像素本身有熵。",
        ),
        ('epoch, "Train MSE:"',),
    ),
    Answer(
        Text("What did the KL term do?", "KL 这一项做了什么？"),
        Text(
            "As in autoencoder_13, it holds the units' mean activity at {14 setting sparsity_target}: the divergences "
            "add up to {14 untrained sparsity_loss} untrained and to {14 Sparsity loss} at the end.",
            "与 autoencoder_13 一样，把各单元的平均激活稳在 {14 setting sparsity_target}：散度之和训练前是 "
            "{14 untrained sparsity_loss}，最后是 {14 Sparsity loss}。",
        ),
        ("sparsity_loss = tf.reduce_sum(", "loss = reconstruction_loss +"),
    ),
)
DIFFERENCES = (DENSE, DRAWS_TWO, READER, SEEDED, SAFE_KL)
FIGURES = {
    "reconstructions": say_reconstructions(
        "Cross-entropy: the ground is white, as the output cannot leave 0 to 1.",
        "交叉熵：输出只在 0 到 1 之间，底色是白的。",
        "the reconstructions can hardly be told from the digits.",
        "重建与原图几乎分不出来。",
    )
}
