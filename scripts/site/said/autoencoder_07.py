"""What is said of autoencoder_7."""

from ref.pages.words import Text
from scripts.site.said import Answer
from scripts.site.said.common import CONTRIB, LOSSES, READER, SEEDED

ABOUT = (
    Text(
        "Two small autoencoders, trained one after the other, but in one graph. In phase 1 the two inner layers are "
        "bypassed: pixels to `hidden1` and straight back. In phase 2 the inner two layers learn to give back "
        "`hidden1`, and the outer ones must not move any more.",
        "先后训练两个小自动编码器，但在同一个图里。第一阶段绕过中间两层：像素到 `hidden1`，再直接还原。第二阶段中间两"
        "层学着还原 `hidden1`，外面的层不许再动。",
    ),
)
SEE = (
    Answer(
        Text("What did `var_list` freeze?", "`var_list` 冻结了什么？"),
        Text(
            "`weights1` and `biases1`, the layer that makes `hidden1`: they stay what phase 1 made of them. By the "
            "recorded run, phase 2 moves {7 moved by phase2_training_op} and nothing else. So `hidden1` gives the same "
            "output for the same image in every epoch of phase 2. Without `var_list`, `minimize` would move every "
            "variable that the loss depends on, and `weights1` could shrink `hidden1` until it is easy to reconstruct. "
            "`weights4` and `biases4` stay, too, with or without it: the loss of phase 2 does not depend on them.",
            "`weights1` 和 `biases1`，也就是算出 `hidden1` 的那一层：它们停在第一阶段的结果上。标准值记录表明，第二阶段"
            "只更新 {7 moved by phase2_training_op}，别的都不动。所以在第二阶段的每一轮里，同一张图在 `hidden1` 的输出"
            "都相同。不给 `var_list`，`minimize` 会更新损失所依赖的全部变量，`weights1` 就可以把 `hidden1` 缩小到容易重"
            "建为止。`weights4` 和 `biases4` 给不给都不动：第二阶段的损失不依赖它们。",
        ),
        ("train_vars = [weights2", "phase2_training_op = optimizer.minimize("),
    ),
    Answer(
        Text("How is phase 1 trained without the inner layers?", "第一阶段怎样绕过中间两层？"),
        Text(
            "By a second way through the same variables: `phase1_outputs` goes from `hidden1` straight to `weights4`. "
            "A graph may have as many outputs as you like; what is not needed for what is asked for is not computed.",
            "在同样的变量上另开一条路：`phase1_outputs` 从 `hidden1` 直接到 `weights4`。一个图可以有任意多个输出；所求"
            "的东西用不到的，就不会计算。",
        ),
        ("phase1_outputs = tf.matmul", "phase1_training_op = optimizer.minimize"),
    ),
    Answer(
        Text("What do both phases share?", "两个阶段共用什么？"),
        Text(
            "One Adam. Its step count, kept as `beta1_power` and `beta2_power`, runs on from phase 1 to phase 2; the "
            "moments of the inner weights start at zero. The errors are not to be compared: that of phase 1 is of "
            "pixels, that of phase 2 of `hidden1` ({7 Train MSE}). The number to look at is the test MSE of the whole "
            "stack, {7 Test MSE}; the book has {7 book Test MSE}.",
            "同一个 Adam。它的步数（存为 `beta1_power` 和 `beta2_power`）从第一阶段接着数到第二阶段；中间层的矩估计从零"
            "开始。两个阶段的误差不能相比：第一阶段针对像素，第二阶段针对 `hidden1`（{7 Train MSE}）。要看的是整个网络"
            "的测试 MSE：{7 Test MSE}，书中是 {7 book Test MSE}。",
        ),
        ("optimizer = tf.train.AdamOptimizer", "loss_test = g.reconstruction_loss.eval"),
    ),
)
DIFFERENCES = (CONTRIB, READER, SEEDED)
FIGURES = {"losses": LOSSES}
