"""What the chapter's figures show: the text beside each, and instead of it."""

from ref.pages.words import Text

CAPTIONS = {
    "codings.png": Text(
        "The codings of the points: the plane that the linear autoencoder found.",
        "各点的编码：线性自动编码器找到的平面。",
    ),
    "reconstructions.png": Text(
        "Each row a test digit: left what went in, right what came out.", "每行一个测试数字：左边是输入，右边是重建。"
    ),
    "features.png": Text(
        "What units of the first hidden layer look for: the weights that lead to each.",
        "第一隐藏层的单元在看什么：通向每个单元的权重。",
    ),
    "sparsity_loss.png": Text(
        "The sparsity loss over a unit's mean activity, beside the squared error.",
        "稀疏损失随单元平均激活的变化，旁边是平方误差。",
    ),
    "losses.png": Text("The losses by the epoch, as --plot draws them.", "各轮的损失，由 --plot 画出。"),
    "generated.png": Text("Digits decoded from random codings.", "由随机编码解码出的数字。"),
    "encoded_decoded.png": Text(
        "Test digits, and what their codings decode to.", "测试数字，以及由其编码解码出的数字。"
    ),
    "interpolated.png": Text(
        "Digits between digits: codings interpolated, and decoded.", "数字之间的数字：对编码插值后解码。"
    ),
}


def caption(name: str) -> Text:
    """Return what the picture ``name`` of a script of the chapter shows, as far as that is known."""
    return CAPTIONS.get(name, Text("Drawn by the script.", "脚本画的图。"))
