"""Differences that several scripts have, and what is seen in figures of one kind."""

from ref.pages.words import Text
from scripts.site.differences import Difference
from scripts.site.said import Answer, Figure

LAYERS = "from ref.common.layers import"
READ, PROGRESS, MAIN = "run.read_data_sets()", "run.progress(", "return run_script("

CONTRIB = Difference(
    "`contrib.layers`' initializer and regularizer come from",
    "`contrib.layers` 的初始化器和正则化器改由 ref.common.layers 提供：contrib 已经没有了。",
    (LAYERS,),
)
DENSE = Difference(
    "`tf.layers.dense` comes from",
    "`tf.layers.dense` 改由 ref.common.layers 提供：原来的函数在 Keras 3 下会报错。",
    (LAYERS,),
)
DENSE_AND_CONTRIB = Difference(
    "`tf.layers.dense` and contrib's initializer",
    "`tf.layers.dense` 和 contrib 的初始化器改由 ref.common.layers 提供：前者在 Keras 3 下会报错，contrib 已经没有了。",
    (LAYERS,),
)
READER = Difference(
    "The reader's and progress lines",
    "读数据和显示进度的几行放在 ref.common 里：每个脚本都一样。",
    (READ, PROGRESS),
)
READER_AND_PLOT = Difference(
    "The reader's, progress and plotting lines",
    "读数据、显示进度和画图的几行放在 ref.common 里：每个脚本都一样；图存成文件，不需要显示器。",
    (READ, PROGRESS, "show_reconstructed_digits(run"),
)
SEEDED = Difference(
    "Everything is seeded",
    "一切随机都有种子（`--seed`），两次运行可以逐位比较；原脚本没有设种子。",
    (MAIN,),
)
OF_ITS_OWN = Difference(
    "It is a script of its own",
    "它是独立的脚本：`--seed` 代替书中 `reset_graph` 设的 42，数据重新读入，所以批次与书中那一整本笔记本里的不同。",
    (MAIN, READ),
)
DRAWS_TWO = Difference(
    "It draws two test digits",
    "它画出两个测试数字和各自的重建，用来与其他自动编码器比较。",
    ("show_reconstructed_digits(run",),
)

WHAT_BUILD_DOES = Answer(
    Text("Why does `build` compute nothing?", "为什么 `build` 什么也没算？"),
    Text(
        "In TensorFlow 1 a line such as `tf.matmul(…)` only adds an op to a graph; `X` is a hole that is filled later. "
        "Numbers move when a session runs an op: `sess.run(…)`, `.run(…)` and `.eval(…)`, each with a `feed_dict` that "
        "fills the holes.",
        "在 TensorFlow 1 里，`tf.matmul(…)` 这样的一行只是往图里添一个操作（op）；`X` 是占位符，数据以后再给。会话运行"
        "某个操作时才真正计算：`sess.run(…)`、`.run(…)`、`.eval(…)`，每次都用 `feed_dict` 给占位符填上数据。",
    ),
    ("X = tf.placeholder(tf.float32", "sess.run(g.training_op, feed_dict"),
)
LOSSES = Figure(
    Text("The losses of both phases, as the run itself draws them.", "两个阶段的损失，由运行自己画出。"),
    Text(
        "The training loss over the epochs of phase 1 and of phase 2; in phase 2 it falls steeply.",
        "第一阶段和第二阶段各轮的训练损失；第二阶段急剧下降。",
    ),
)


def say_reconstructions(caption_en: str, caption_zh: str, seen_en: str, seen_zh: str) -> Figure:
    """Return the figure of two test digits, each beside its reconstruction."""
    return Figure(
        Text(
            f"Two test digits, left, and their reconstructions, right. {caption_en}",
            f"左为两个测试数字，右为重建。{caption_zh}",
        ),
        Text(f"A handwritten 7 above a 2; {seen_en}", f"上为手写的 7，下为 2；{seen_zh}"),
    )
