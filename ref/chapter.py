"""The chapter's table of contents: every script, what it is called, needs and writes. No TensorFlow here."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Script:
    """One script of the chapter.

    ``needs`` is the number of the script whose checkpoint it restores; ``uses_labels`` says whether it needs labels, 0
    to 9, of its data; one that ``encodes_a_test_batch`` takes a batch of the test set, too. ``book`` is what the book's
    notebook published for it (TensorFlow 1, its own hyper-parameters; training figures are of the last batch), "" where
    it published none.
    """

    number: int
    module: str
    title: str
    title_zh: str
    teaches: str
    teaches_zh: str
    book: str = ""
    needs: int | None = None
    checkpoint: str = ""
    figures: tuple[str, ...] = ()
    reads_data: bool = True
    uses_labels: bool = False
    encodes_a_test_batch: bool = False

    @property
    def name(self) -> str:
        return f"autoencoder_{self.number}"


SCRIPTS = (
    Script(
        1,
        "ref.autoencoder_01_linear_pca",
        "PCA with an undercomplete linear autoencoder",
        "使用不完整的线性自动编码器实现PCA",
        "a linear autoencoder with MSE finds PCA's plane",
        "线性自动编码器加 MSE 即是 PCA",
        figures=("codings",),
        reads_data=False,
    ),
    Script(
        2,
        "ref.autoencoder_02_stacked",
        "stacked autoencoder",
        "栈式自动编码器",
        "layers from one template; L2 through a graph collection",
        "用同一模板造各层；L2 损失从集合中收集",
        book="train MSE 0.0104 *",
        checkpoint="my_model_all_layers.ckpt",
        figures=("reconstructions",),
    ),
    Script(
        3,
        "ref.autoencoder_03_tied_weights",
        "tied weights",
        "权重绑定",
        "`weights3`, `weights4` are transposes, not variables",
        "`weights3`、`weights4` 是转置，不是变量",
        book="train MSE 0.0156 *",
        checkpoint="my_model_tying_weights.ckpt",
        figures=("reconstructions",),
    ),
    Script(
        4,
        "ref.autoencoder_04_classifier",
        "classifier, without pretraining",
        "使用堆叠的自动编码器进行无监督的预训练（不用预训练）",
        "the baseline that pretraining must beat",
        "预训练要超过的基线",
        book="test accuracy 0.9494",
        checkpoint="my_model_supervised.ckpt",
        uses_labels=True,
    ),
    Script(
        5,
        "ref.autoencoder_05_pretrained_classifier",
        "classifier, unsupervised pretraining",
        "使用堆叠的自动编码器进行无监督的预训练",
        "restoring part of a checkpoint: `pretrain_saver`",
        "只恢复检查点的一部分：`pretrain_saver`",
        book="test accuracy 0.9401",
        needs=8,
        checkpoint="my_model_supervised_pretrained.ckpt",
        uses_labels=True,
    ),
    Script(
        6,
        "ref.autoencoder_06_multiple_graphs",
        "one autoencoder at a time, several graphs",
        "在多个图中一次训练一个自动编码器",
        "greedy layerwise training; carrying weights between graphs",
        "逐层贪心训练；在图之间搬运权重",
        book="train MSE 0.0192, then 0.0044 *",
        figures=("reconstructions",),
    ),
    Script(
        7,
        "ref.autoencoder_07_single_graph",
        "one autoencoder at a time, one graph",
        "在一个图中一次训练一个自动编码器",
        "freezing with `var_list`; two phases, one Adam",
        "用 `var_list` 冻结；两个阶段，一个 Adam",
        book="test MSE 0.00979",
        checkpoint="my_model_one_at_a_time.ckpt",
        figures=("losses",),
    ),
    Script(
        8,
        "ref.autoencoder_08_frozen_cache",
        "feeding the frozen layer's cached outputs",
        "馈送冻结层输出缓存",
        "feeding an intermediate tensor from a cache",
        "用缓存直接馈送中间张量",
        book="test MSE 0.00978",
        checkpoint="my_model_cache_frozen.ckpt",
        figures=("losses",),
    ),
    Script(
        9,
        "ref.autoencoder_09_show_reconstructions",
        "visualizing the reconstructions",
        "重建可视化",
        "restoring a graph to look at it",
        "恢复模型，对比输入与重建",
        needs=7,
        figures=("reconstructions",),
    ),
    Script(
        10,
        "ref.autoencoder_10_show_features",
        "visualizing features",
        "特征可视化",
        "what a neuron of the first layer looks for",
        "第一层神经元在看什么",
        needs=7,
        figures=("features",),
        reads_data=False,
    ),
    Script(
        11,
        "ref.autoencoder_11_denoising_gaussian",
        "denoising, Gaussian noise",
        "去噪自动编码器：使用高斯噪音",
        "noise in the graph, drawn anew at every run",
        "图内噪声，每次运行重新采样",
        book="train MSE 0.0408",
        checkpoint="my_model_stacked_denoising_gaussian.ckpt",
    ),
    Script(
        12,
        "ref.autoencoder_12_denoising_dropout",
        "denoising, dropout",
        "去噪自动编码器：使用dropout",
        "`placeholder_with_default` for `training`",
        "用 `placeholder_with_default` 控制 `training`",
        book="train MSE 0.0242",
        checkpoint="my_model_stacked_denoising_dropout.ckpt",
        figures=("reconstructions",),
    ),
    Script(
        13,
        "ref.autoencoder_13_sparse",
        "sparse, KL divergence",
        "稀疏自动编码器",
        "the KL loss on each unit's mean activity",
        "对每个单元的平均激活加 KL 损失",
        book="train MSE 0.0245 (0.0113–0.0455), sparsity loss 0.336",
        checkpoint="my_model_sparse.ckpt",
        figures=("sparsity_loss", "reconstructions"),
    ),
    Script(
        14,
        "ref.autoencoder_14_sparse_xentropy",
        "sparse, faster with cross-entropy",
        "稀疏自动编码器：加速收敛方法",
        "cross-entropy in the place of MSE",
        "用交叉熵代替 MSE",
        checkpoint="my_model_sparse_speedup.ckpt",
        figures=("reconstructions",),
    ),
    Script(
        15,
        "ref.autoencoder_15_variational",
        "variational autoencoder",
        "变分自动编码器",
        "the reparametrization trick; the latent loss",
        "重参数化技巧；潜在损失",
        book="train total loss 15147",
        checkpoint="my_model_variational.ckpt",
        figures=("reconstructions",),
    ),
    Script(
        16,
        "ref.autoencoder_16_variational_digits",
        "variational autoencoder, generating digits",
        "变分自动编码器：生成数字",
        "γ = log σ²; generating, encoding, interpolating digits",
        "γ = log σ²；生成、编码与插值数字",
        book="train total loss 14638",
        checkpoint="my_model_variational2.ckpt",
        figures=("generated", "encoded_decoded", "interpolated"),
        encodes_a_test_batch=True,
    ),
)
BY_NAME = {script.name: script for script in SCRIPTS}
# The text's own order; the classifiers come after the autoencoders whose weights they may start from.
CHAPTER_ORDER = (1, 2, 3, 6, 7, 8, 9, 10, 4, 5, 11, 12, 13, 14, 15, 16)
