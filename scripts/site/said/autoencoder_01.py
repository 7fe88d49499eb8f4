"""What is said of autoencoder_1."""

from ref.pages.words import Text
from scripts.site.differences import Difference
from scripts.site.said import Answer, Figure
from scripts.site.said.common import LAYERS, MAIN

ABOUT = (
    Text(
        "An autoencoder learns to give back what it was given, through a layer too small to pass it on as it is. Here "
        "all is linear: 100 points in space go through 2 numbers and come back as 3. With the mean squared error as "
        "the loss, the best it can do is to lay the plane through the points that PCA finds.",
        "自动编码器学着把输入原样输出，但中间有一层太小，无法照搬。这里全是线性的：空间里的 100 个点先变成 2 个数，再"
        "还原成 3 个。损失是均方误差时，最好的办法就是找到 PCA 所找的那个平面。",
    ),
)
SEE = (
    Answer(
        Text("Where is the bottleneck?", "瓶颈在哪里？"),
        Text(
            "`hidden` has 2 units and no activation, so it is a projection onto a plane; `outputs` maps it back to 3.",
            "`hidden` 只有 2 个单元，没有激活函数，就是到一个平面上的投影；`outputs` 再映射回 3 维。",
        ),
        ("hidden = fully_connected(X", "outputs = fully_connected(hidden"),
    ),
    Answer(
        Text("Why does `build` compute nothing?", "为什么 `build` 什么也没算？"),
        Text(
            "In TensorFlow 1 these lines only add ops to a graph. Numbers move when a session runs an op: `.run` for a "
            "training step, `.eval` for a value, each with a `feed_dict` that fills the placeholder `X`.",
            "在 TensorFlow 1 里，这些行只是往图里添操作（op）。会话运行操作时才计算：`.run` 走一步训练，`.eval` 取一个"
            "值，每次都用 `feed_dict` 给占位符 `X` 填上数据。",
        ),
        ("X = tf.placeholder", "g.training_op.run(", "g.codings.eval("),
    ),
)
DIFFERENCES = (
    Difference(
        "`contrib.layers.fully_connected` comes from",
        "`contrib.layers.fully_connected` 改由 ref.common.layers 提供：contrib 已经没有了。",
        (LAYERS,),
    ),
    Difference(
        "The loop variable is `iteration`",
        "循环变量叫 `iteration`：原脚本里它盖住了 `n_iterations`，不过没有造成后果。",
        ("for iteration in",),
    ),
    Difference(
        "The points come from a generator",
        "这些点来自自己的随机数生成器，种子仍是原脚本的 4，不用 NumPy 的全局生成器：点是一样的。",
        ("RandomState(4)",),
    ),
    Difference("A bar on a terminal", "终端上有进度条；原脚本什么也不显示。", ("run.progress(",)),
    Difference(
        "The graph is seeded",
        "图有种子（`--seed`），可以逐位比较；原脚本没有。图存成文件，不需要显示器，并留出边距，不裁掉坐标轴标签。",
        (MAIN, "run.save_figure(", "fig = Figure("),
    ),
    Difference("`n_hidden` is no flag", "`n_hidden` 不是命令行选项：图里画的就是两个编码。", ("n_hidden = 2",)),
    Difference(
        "`--epochs N` means N iterations",
        "`--epochs N` 指 N 次迭代：每次迭代都看全部 100 个点。",
        ("def train(",),
    ),
)
FIGURES = {
    "codings": Figure(
        Text("The two codings of the 100 test points.", "100 个测试点的两个编码。"),
        Text(
            "Points along a bent band in the plane of z1 and z2: the arc of which the data were made, seen flat.",
            "z1、z2 平面上的点排成一条弯曲的带子：正是生成数据的那段弧，摊平了看。",
        ),
    )
}
