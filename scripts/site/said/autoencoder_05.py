"""What is said of autoencoder_5."""

from ref.pages.words import Text
from scripts.site.differences import Difference
from scripts.site.said import Answer
from scripts.site.said.autoencoder_04 import FEWER
from scripts.site.said.common import CONTRIB, MAIN, READ, READER

ABOUT = (
    Text(
        "The classifier of autoencoder_4, whose two lower layers do not start from chance but from what autoencoder_8 "
        "learned without labels. Unsupervised pretraining was the chapter's promise for who has few labels; with "
        "{5 setting n_labeled_instances} of them it buys little.",
        "还是 autoencoder_4 的分类器，但下面两层不从随机值出发，而从 autoencoder_8 不用标签学到的权重出发。标签很少时"
        "可以先做无监督预训练，这是这一章的卖点；有 {5 setting n_labeled_instances} 个标签时，好处很小。",
    ),
)
SEE = (
    Answer(
        Text("How is part of a checkpoint restored?", "怎样只恢复检查点的一部分？"),
        Text(
            "A `Saver` that is given a list of variables reads only these, by their names. First all variables are "
            "initialized, then four of them are overwritten from autoencoder_8's checkpoint; the order matters.",
            "给 `Saver` 一个变量列表，它就只按名字读这些变量。先把所有变量初始化，再用 autoencoder_8 的检查点覆盖其中"
            "四个；次序不能颠倒。",
        ),
        ("pretrain_saver = tf.train.Saver(", "g.init.run()", "run.restore(g.pretrain_saver"),
    ),
    Answer(
        Text("Are the pretrained layers frozen?", "预训练的层冻结了吗？"),
        Text(
            "No. `var_list=None` trains every variable, the restored ones too. With `--freeze` only `weights3` and "
            "`biases3` are moved.",
            "没有。`var_list=None` 表示训练所有变量，恢复来的也在内。加上 `--freeze` 就只更新 `weights3` 和 "
            "`biases3`。",
        ),
        ("train_vars = [weights3, biases3] if freeze",),
    ),
    Answer(
        Text("Did it help?", "有用吗？"),
        Text(
            "Test accuracy {5 Test accuracy}, without pretraining {4 Test accuracy}; in the book "
            "{5 book Test accuracy} and {4 book Test accuracy}. After the first epoch it was {5 Test accuracy first} "
            "against {4 Test accuracy first}.",
            "测试准确率 {5 Test accuracy}，不用预训练 {4 Test accuracy}；书中是 {5 book Test accuracy} 和 "
            "{4 book Test accuracy}。第一轮之后是 {5 Test accuracy first} 对 {4 Test accuracy first}。",
        ),
    ),
)
DIFFERENCES = (
    CONTRIB,
    READER,
    Difference(
        "It is a script of its own",
        "它是独立的脚本：`--seed` 代替书中 `reset_graph` 设的 42，数据重新读入，所以批次与书中那一整本笔记本里的不同。"
        "排列由读取器自己的生成器抽取，种子的设法相同：数与 NumPy 全局生成器的一样。",
        (MAIN, READ, "rnd.permutation("),
    ),
    FEWER,
    Difference(
        "`--freeze`, off by default",
        "`--freeze` 默认关闭，打开后只训练最上面一层。",
        ("train_vars = [weights3, biases3] if freeze",),
    ),
)
FIGURES: dict = {}
