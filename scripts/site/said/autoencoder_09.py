"""What is said of autoencoder_9."""

from ref.pages.words import Text
from scripts.site.differences import Difference
from scripts.site.said import Answer
from scripts.site.said.common import READ, say_reconstructions

BUILT_BY_7 = Difference(
    "The graph is imported from the port",
    "图从写出检查点的脚本导入，两者不会走样；原脚本把它重写到 `outputs` 为止。这里的 saver 连 Adam 的槽也恢复，原脚本"
    "不管它们。",
    ("import build", "run.restore("),
)
ABOUT = (
    Text(
        "Nothing is trained. The network of autoencoder_7 is built again, its weights come from the checkpoint, and "
        "two test digits go through: the quickest way to see what an autoencoder keeps of an image.",
        "什么也不训练。重新建 autoencoder_7 的网络，权重来自检查点，让两个测试数字走一遍：要看自动编码器留住了图像的什"
        "么，这样最快。",
    ),
)
SEE = (
    Answer(
        Text("What is in a checkpoint, and what is not?", "检查点里有什么，没有什么？"),
        Text(
            "The values of the variables, by their names; the graph is not restored from it here. So `build` has to "
            "make variables of the same names and shapes first, and no `init` is run: every variable gets its value "
            "from the file.",
            "变量的值，按名字存；这里不从中恢复图。所以先由 `build` 造出同名同形状的变量，也不运行 `init`：每个变量的"
            "值都来自文件。",
        ),
        ("g = build(", "run.restore("),
    ),
)
DIFFERENCES = (
    BUILT_BY_7,
    Difference(
        "The reader's and plotting lines",
        "读数据和画图的几行放在 ref.common 里：每个脚本都一样；图存成文件，不需要显示器，大小与其他脚本一样是 8×6 英"
        "寸，原脚本听凭 matplotlib。",
        (READ, "draw_reconstructions(run"),
    ),
)
FIGURES = {
    "reconstructions": say_reconstructions(
        "From autoencoder_7's checkpoint.",
        "用 autoencoder_7 的检查点。",
        "the reconstructions are close, strokes a little softer, on a light grey ground.",
        "重建很接近，笔画略软，底色浅灰。",
    )
}
