"""What is said of autoencoder_16."""

from ref.pages.words import Text
from scripts.site.differences import Difference
from scripts.site.said import Answer, Figure
from scripts.site.said.autoencoder_15 import SAFE_LATENT
from scripts.site.said.common import DENSE_AND_CONTRIB, MAIN, PROGRESS, READ

ABOUT = (
    Text(
        "autoencoder_15 with γ = log σ² in the place of σ, so that σ is positive whatever the layer gives. After "
        "training the decoder is used alone: it makes digits from random codings, gives back digits that were coded, "
        "and walks from one digit to another.",
        "autoencoder_15 用 γ = log σ² 代替 σ，这样不论那一层输出什么，σ 都是正的。训练之后单独使用解码器：从随机编码生"
        "成数字，还原编码过的数字，从一个数字过渡到另一个。",
    ),
)
SEE = (
    Answer(
        Text("Which line makes digits from nothing?", "哪一行凭空生成数字？"),
        Text(
            "Codings are drawn from the standard Gaussian and fed in the place of `hidden3`, an inner tensor: the "
            "encoder is not run, and `X` is not needed.",
            "编码从标准高斯分布抽取，馈送到中间张量 `hidden3` 的位置：编码器不运行，也不需要 `X`。",
        ),
        ("generated = g.outputs.eval(",),
    ),
    Answer(
        Text("What did the KL term do?", "KL 这一项做了什么？"),
        Text(
            "It drew the codings of all images together into one standard Gaussian, so that a random draw from it lies "
            "where the decoder knows something. Of the total, {16 Train total loss}, it is {16 Latent loss}.",
            "它把所有图像的编码拢成一个标准高斯分布，从中随便抽一个，解码器也认得。总损失 {16 Train total loss} 里，它"
            "占 {16 Latent loss}。",
        ),
        ("latent_loss = 0.5 *", "loss = reconstruction_loss + latent_loss"),
    ),
    Answer(
        Text("What does γ buy?", "γ 有什么好处？"),
        Text(
            "No logarithm, so no pole: the total loss ends at {16 Train total loss} ({16 Train total loss seed 7} "
            "with seed 7; the book has {16 book Train total loss}), and never jumps as autoencoder_15's does.",
            "没有对数，也就没有极点：总损失最后是 {16 Train total loss}（种子 7：{16 Train total loss seed 7}；书中 "
            "{16 book Train total loss}），不像 autoencoder_15 那样会跳。",
        ),
        ("hidden3_gamma = my_dense_layer", "hidden3 = hidden3_mean + tf.exp("),
    ),
)
DIFFERENCES = (
    DENSE_AND_CONTRIB,
    Difference(
        "The reader's, progress and plotting lines",
        "读数据、显示进度和画图的几行放在 ref.common 里：每个脚本都一样；图存成文件，不需要显示器。大小是 11×7、8×9、"
        "11×6 英寸，每种一张；书里有好几张，大小也不同。",
        (READ, PROGRESS, 'run.save_figure("generated"', "draw_reconstructions(run", 'run.save_figure("interpolated"'),
    ),
    Difference(
        "It is a script of its own",
        "它是独立的脚本：`--seed` 代替书中 `reset_graph` 设的 42，数据重新读入，所以批次与书中那一整本笔记本里的不同。",
        (MAIN, READ),
    ),
    Difference(
        "The test set is checked before training",
        "训练之前先检查测试集够不够取训练之后要编码的那个批次。",
        ("mnist.test.check_batch_size(",),
    ),
    Difference(
        "The checkpoint is named",
        "检查点叫 my_model_variational2.ckpt，以免与 autoencoder_15 的混淆。",
        ("run.save(g.saver",),
    ),
    SAFE_LATENT,
)
FIGURES = {
    "generated": Figure(
        Text("Digits made from codings that were drawn at random.", "由随机编码生成的数字。"),
        Text(
            "Six rows of ten small digits in many hands; most can be read, some are between two digits.",
            "六行，每行十个小数字，笔迹各异；多数认得出，有的介于两个数字之间。",
        ),
    ),
    "encoded_decoded": Figure(
        Text("Three test digits, left, coded and decoded again, right.", "左为三个测试数字，右为编码后再解码的结果。"),
        Text(
            "Three handwritten digits in a column, and to the right of each almost the same.",
            "一列三个手写数字，右边各有一个几乎相同的。",
        ),
    ),
    "interpolated": Figure(
        Text(
            "From one coding to another, in steps, from the top row to the last.",
            "从一个编码逐步走到另一个，自上而下。",
        ),
        Text(
            "Six columns of digits; downwards each digit turns by degrees into the one that stands at the top of the "
            "next column.",
            "六列数字，从上往下，每个数字逐渐变成右边一列顶上的那个。",
        ),
    ),
}
