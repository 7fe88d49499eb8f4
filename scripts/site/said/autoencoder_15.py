"""What is said of autoencoder_15."""

from ref.pages.words import Text
from scripts.site.differences import Difference
from scripts.site.said import Answer
from scripts.site.said.common import DENSE_AND_CONTRIB, DRAWS_TWO, OF_ITS_OWN, READER, say_reconstructions

SAFE_LATENT = Difference(
    "`--safe-latent`, off by default",
    "`--safe-latent` 默认关闭，打开后潜在损失会溢出的地方也是有限值。",
    ("bound(",),
)
ABOUT = (
    Text(
        "A variational autoencoder does not code an image as a point but as a Gaussian: a mean and a σ for each of "
        "{15 setting n_hidden3} codings. The decoder is given a point drawn from it. So nearby codings have to mean "
        "similar images, and digits can be made from codings that no image had.",
        "变分自动编码器不把图像编码成一个点，而是编码成高斯分布：{15 setting n_hidden3} 个编码各有均值和 σ。解码器拿到"
        "的是从中抽出的点。于是相近的编码必须代表相似的图像，没有图像对应的编码也能生成数字。",
    ),
)
SEE = (
    Answer(
        Text("How can one learn through a random draw?", "中间有随机抽取，怎么还能训练？"),
        Text(
            "By the reparametrization trick: the noise is drawn from a standard Gaussian, without a parameter, then "
            "scaled by `hidden3_sigma` and moved by `hidden3_mean`. Gradients go through the product and the sum.",
            "用重参数化：噪声来自标准高斯分布，不含参数，再乘以 `hidden3_sigma`、加上 `hidden3_mean`。梯度从乘法和加法"
            "里传过去。",
        ),
        ("noise = tf.random_normal(", "hidden3 = hidden3_mean +"),
    ),
    Answer(
        Text("What did the KL term do?", "KL 这一项做了什么？"),
        Text(
            "`latent_loss` is the KL divergence of the codings' Gaussians from the standard one. It draws them "
            "together around zero, where otherwise each image would get a σ of nearly 0 and a place of its own. Of "
            "the total, {15 Train total loss}, it is {15 Latent loss}.",
            "`latent_loss` 是编码的高斯分布与标准高斯分布之间的 KL 散度。它把它们拢在零附近；没有它，每张图都会得到接"
            "近 0 的 σ，各占一处。总损失 {15 Train total loss} 里，它占 {15 Latent loss}。",
        ),
        ("latent_loss = 0.5 *", "loss = reconstruction_loss + latent_loss"),
    ),
    Answer(
        Text("Why does the curve jump?", "曲线为什么会跳？"),
        Text(
            "σ is a linear output and may pass through 0, where its logarithm has a pole. In the recorded run the "
            "total loss rose by more than 20 % from one epoch to the next {15 jumps above 20 %} times, and was "
            "{15 Train total loss most} at the most. autoencoder_16 learns log σ² instead: {16 jumps above 20 %} "
            "times.",
            "σ 是线性输出，会经过 0，对数在那里有极点。录下的运行里，总损失一轮之内上升超过 20 % 有 "
            "{15 jumps above 20 %} 次，最高到 {15 Train total loss most}。autoencoder_16 改学 log σ²："
            "{16 jumps above 20 %} 次。",
        ),
        ("hidden3_sigma = my_dense_layer", "tf.square(hidden3_sigma) + tf.square(hidden3_mean)"),
    ),
)
DIFFERENCES = (DENSE_AND_CONTRIB, READER, DRAWS_TWO, OF_ITS_OWN, SAFE_LATENT)
FIGURES = {
    "reconstructions": say_reconstructions(
        "From a coding drawn at random.",
        "用随机抽出的编码。",
        "the reconstructions are clear on a white ground, a little thinner and softer.",
        "重建清楚，底色白，线条略细略软。",
    )
}
