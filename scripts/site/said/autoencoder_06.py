"""What is said of autoencoder_6."""

from ref.pages.words import Text
from scripts.site.differences import Difference
from scripts.site.said import Answer
from scripts.site.said.common import LAYERS, PROGRESS, READ, say_reconstructions

ABOUT = (
    Text(
        "Instead of four layers at once, two small autoencoders are trained one after the other: 784-300-784 on the "
        "images, then 300-150-300 on what the first one's hidden layer makes of them. Each has a graph of its own, "
        "drawn below. Afterwards the trained weights are put into a third graph, one inside the other, which trains "
        "nothing.",
        "不是四层一起训练，而是先后训练两个小自动编码器：先在图像上训练 784-300-784，再在它隐藏层的输出上训练 "
        "300-150-300。各有各的图，画在下面。最后把训练好的权重套在一起，放进第三个图，那里不再训练。",
    ),
)
SEE = (
    Answer(
        Text("How do weights get from one graph into another?", "权重怎样从一个图搬到另一个图？"),
        Text(
            "As NumPy arrays: `var.eval()` reads each variable out of its session, the function returns them, and in "
            "the third graph they are constants. Variables themselves belong to their graph and cannot leave it.",
            "以 NumPy 数组的形式：`var.eval()` 在会话里读出每个变量，函数把它们返回，在第三个图里它们成了常量。变量本"
            "身属于自己的图，出不来。",
        ),
        ("params = dict(", "hidden_output, W1, b1, W4, b4", "hidden1 = tf.nn.elu(tf.matmul(X, W1)"),
    ),
    Answer(
        Text("What is the second one trained on?", "第二个用什么训练？"),
        Text(
            "On `hidden_output`, the first one's codings of all images, computed once. That is autoencoder_8's cache, "
            "a graph earlier. Its error, {6 Train MSE}, is of codings, not of pixels, and not to be compared with the "
            "first one's.",
            "用 `hidden_output`：第一个对所有图像的编码，只算一次。这其实就是 autoencoder_8 的缓存。它的误差 "
            "{6 Train MSE} 是编码的，不是像素的，不能与第一个相比。",
        ),
        ("hidden_val = g.hidden.eval(", "run, mnist.rnd, hidden_output"),
    ),
    Answer(
        Text("What does not fit?", "哪里对不上？"),
        Text(
            "The second one is trained with a linear output, but in the stack that layer has an ELU. The book mended "
            "it later; `--fix-output` does so here.",
            "第二个训练时输出是线性的，拼接之后那一层却带 ELU。书后来改了；这里用 `--fix-output` 改过来。",
        ),
        ("output_activation = tf.nn.elu if fix_output", "hidden3 = tf.nn.elu("),
    ),
)
DIFFERENCES = (
    Difference(
        "`tf.layers.dense` and `contrib.layers`' functions",
        "`tf.layers.dense` 和 `contrib.layers` 的函数改由 ref.common.layers 提供：前者在 Keras 3 下会报错，contrib 已"
        "经没有了。",
        (LAYERS,),
    ),
    Difference(
        "`--seed` takes the place",
        "`--seed` 代替原脚本给两个内部图设的 `seed=42`，排列也由它设种子。",
        ("tf.set_random_seed(run.seed)", "rnd.permutation("),
    ),
    Difference(
        "`train_autoencoder`'s graph is `build`",
        "`train_autoencoder` 的图单独成了 `build`，测试和测速也用它。参数 `seed` 换成运行和它的生成器，另加 "
        "`output_activation` 供 `--fix-output` 用。参数 `activation` 原脚本从不改，在 `build` 里就是 ELU。",
        ("def build(", "def train_autoencoder(", "    activation = tf.nn.elu"),
    ),
    Difference(
        "The reader's, progress and plotting lines",
        "读数据、显示进度和画图的几行放在 ref.common 里：每个脚本都一样；图存成文件，不需要显示器。",
        (READ, PROGRESS, "show_reconstructed_digits(run"),
    ),
)
FIGURES = {
    "reconstructions": say_reconstructions(
        "From the two autoencoders, stacked.",
        "两个自动编码器拼接之后。",
        "the reconstructions are recognizable and soft, the 2 paler on a grey ground.",
        "重建认得出来，线条柔和，2 较淡，底色发灰。",
    )
}
