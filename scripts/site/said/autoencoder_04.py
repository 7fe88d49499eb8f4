"""What is said of autoencoder_4."""

from ref.pages.words import Text
from scripts.site.differences import Difference
from scripts.site.said import Answer
from scripts.site.said.common import CONTRIB, MAIN, READER

FEWER = Difference(
    "Where the data holds fewer than",
    "数据里的训练图像少于 `n_labeled_instances` 时，有多少用多少；在 MNIST 上没有区别。",
    ("n_labeled_instances = min(",),
)
ABOUT = (
    Text(
        "A plain classifier on {4 setting n_labeled_instances} labelled digits, with the two layers that the "
        "autoencoders have. It is the baseline: autoencoder_5 starts the same network from an autoencoder's weights, "
        "and has to be better than this to show that pretraining pays.",
        "一个普通的分类器，用 {4 setting n_labeled_instances} 个有标签的数字，前两层与自动编码器相同。它是基线："
        "autoencoder_5 让同一个网络从自动编码器的权重出发，要比它好，预训练才算有用。",
    ),
)
SEE = (
    Answer(
        Text("What is odd about the loss?", "这个损失怪在哪里？"),
        Text(
            "`loss` is a vector, a number for each example: there is no `reduce_mean`. `minimize` adds it up, so the "
            "gradient is a sum over the batch, and the L2 penalty, added to every element, counts "
            "{4 setting batch_size} times. Adam hides the size of the gradient, so it trains all the same.",
            "`loss` 是向量，每个样本一个数：没有 `reduce_mean`。`minimize` 会把它加起来，于是梯度是整批之和，而加在每"
            "个元素上的 L2 惩罚算了 {4 setting batch_size} 遍。Adam 不在乎梯度的大小，所以照样能训练。",
        ),
        ("loss = cross_entropy + reg_loss", "training_op = optimizer.minimize(loss"),
    ),
    Answer(
        Text("What is `pretrain_saver` for?", "`pretrain_saver` 做什么用？"),
        Text(
            "Nothing here: it is built and not used. autoencoder_5 uses it to restore two layers of a checkpoint.",
            "在这里没有用：建了但没用到。autoencoder_5 用它恢复检查点里的两层。",
        ),
        ("pretrain_saver = tf.train.Saver(",),
    ),
    Answer(
        Text("Did pretraining win?", "预训练赢了吗？"),
        Text(
            "The test accuracy is {4 Test accuracy} here and {5 Test accuracy} with pretraining ("
            "{4 Test accuracy seed 7} and {5 Test accuracy seed 7} with seed 7); the book had {4 book Test accuracy} "
            "and {5 book Test accuracy}. The lesson 4 | 5 says what that is worth.",
            "测试准确率这里是 {4 Test accuracy}，用预训练是 {5 Test accuracy}（种子 7：{4 Test accuracy seed 7} 和 "
            "{5 Test accuracy seed 7}）；书中是 {4 book Test accuracy} 和 {5 book Test accuracy}。这说明什么，见对比 "
            "4 | 5。",
        ),
    ),
)
DIFFERENCES = (
    CONTRIB,
    READER,
    Difference(
        "Everything is seeded",
        "一切随机都有种子（`--seed`），两次运行可以逐位比较；原脚本没有设种子。排列由读取器自己的生成器抽取，种子的设法"
        "相同：数与 NumPy 全局生成器的一样。",
        (MAIN, "rnd.permutation("),
    ),
    FEWER,
)
FIGURES: dict = {}
