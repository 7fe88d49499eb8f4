"""What is said of autoencoder_10."""

from ref.pages.words import Text
from scripts.site.differences import Difference
from scripts.site.said import Answer, Figure
from scripts.site.said.autoencoder_09 import BUILT_BY_7

ABOUT = (
    Text(
        "Each neuron of the first hidden layer has a weight for every pixel. Drawn as an image, these 784 weights "
        "show what the neuron answers to: strongly where an image is dark in the same places.",
        "第一隐藏层的每个神经元对每个像素都有一个权重。把这 784 个权重画成图像，就看出它对什么有反应：图像在同样的地方"
        "有笔画，它就强。",
    ),
)
SEE = (
    Answer(
        Text("Which line picks the neurons?", "哪一行挑出神经元？"),
        Text(
            "A column of `weights1` belongs to a neuron, so the matrix is transposed, and its first five rows are "
            "taken. A variable is read as a tensor is: with `.eval()`, and no data at all.",
            "`weights1` 的一列属于一个神经元，所以先转置，再取前五行。变量的读法和张量一样：用 `.eval()`，完全不需要数"
            "据。",
        ),
        ("weights1_val = g.weights1.eval()", "features = weights1_val.T[:5]"),
    ),
)
DIFFERENCES = (
    BUILT_BY_7,
    Difference(
        "The plotting lines are ref.common's",
        "画图的几行放在 ref.common 里；图存成文件，不需要显示器，并裁成一行，10×2 英寸。",
        ("fig = plot_images(", "run.save_figure("),
    ),
)
FIGURES = {
    "features": Figure(
        Text("The weights of the first five neurons of the first hidden layer.", "第一隐藏层前五个神经元的权重。"),
        Text(
            "Five grey squares; in the middle of each, dark and light blobs and bits of strokes, at the rim nothing.",
            "五个灰色方块，中间都有深浅不一的斑点和笔画碎片，边缘什么也没有。",
        ),
    )
}
