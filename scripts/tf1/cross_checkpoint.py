"""Write or restore a checkpoint with an original script under TensorFlow 1.15.5; Python 3.7, in .venv-tf1 (make tf1).

    .venv-tf1/bin/python scripts/tf1/cross_checkpoint.py run FILE --data DIR --out DIR [--set NAME=VALUE …]
    .venv-tf1/bin/python scripts/tf1/cross_checkpoint.py restore FILE --data DIR --out DIR --checkpoint NAME [--saver …]

``run`` executes FILE's text as it is, ``restore`` only what stands before its first session: the graph, into which its
own saver restores OUT/NAME. Data, checkpoints and --set are run_listing.py's. OUT/crossing.npz holds, of ``run``, the
variables at the last save and the arrays that were drawn; of ``restore``, the variables and what every tensor that the
script gave a name to makes of the first test images. scripts/record_crossing.py does the same with our ports, and
compares.
"""

import argparse
import os
import re

import numpy as np

N_IMAGES = 20
DRAWN = ("X_test", "outputs_val", "weights1_val")


def parse_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("mode", choices=("run", "restore"))
    parser.add_argument("file")
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--checkpoint")
    parser.add_argument("--saver", default="saver")
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--validation-size", type=int, default=5000)
    parser.set_defaults(threads=0)  # which run_listing.redirect looks at
    return parser.parse_args()


def read_variables(tf, sess):
    """Return every variable of the session's graph, Adam's slots and powers among them, by name."""
    with sess.graph.as_default():
        return sess.run({"variable " + variable.op.name: variable for variable in tf.global_variables()})


def evaluate(tf, sess, names, images, labels):
    """Return what the named floating-point tensors make of the images, in one run: noise is drawn once."""
    tensors = {
        name: value
        for name, value in names.items()
        # initial values, which are drawn anew, are no function of the checkpoint
        if isinstance(value, tf.Tensor) and value.dtype == tf.float32 and not name.endswith("_init")
    }
    feed_dict = {names["X"]: images}
    if "y" in names:
        feed_dict[names["y"]] = labels
    values = sess.run({name: tensor for name, tensor in tensors.items() if tensor is not names["X"]}, feed_dict)
    return {"tensor " + name: value for name, value in values.items()}


def keep_what_is_saved(tf, kept):
    """Read the variables in the session itself, whenever a saver writes them."""
    save = tf.train.Saver.save

    def watched(self, sess, *rest, **keywords):
        kept.update(read_variables(tf, sess))
        return save(self, sess, *rest, **keywords)

    tf.train.Saver.save = watched


def main():
    args = parse_arguments()
    import run_listing  # beside this file, where record_crossing.py runs these lines it is not asked for

    tf = run_listing.import_tf1()
    os.makedirs(args.out, exist_ok=True)
    with open(args.file, encoding="utf-8") as file:
        source = run_listing.set_values(file.read(), args.set)
    run_listing.redirect(tf, args)
    tf.set_random_seed(args.seed)
    np.random.seed(args.seed)
    kept, names = {}, {"__name__": "__main__", "print": lambda *_, **__: None}
    if args.mode == "run":
        keep_what_is_saved(tf, kept)
        exec(compile(source, args.file, "exec"), names)
        kept.update({"drawn " + name: names[name] for name in DRAWN if name in names})
    else:
        graph_only = re.split(r"(?m)^with tf\.Session", source)[0]
        exec(compile(graph_only, args.file, "exec"), names)
        from tensorflow.examples.tutorials.mnist import input_data

        test = input_data.read_data_sets(args.data).test
        with tf.Session() as sess:
            names[args.saver].restore(sess, args.checkpoint)
            if args.saver == "saver":
                kept.update(read_variables(tf, sess))
                kept.update(evaluate(tf, sess, names, test.images[:N_IMAGES], test.labels[:N_IMAGES]))
            else:  # a part of the variables, the others have no values
                restored = names[args.saver]._var_list
                kept.update(sess.run({"variable " + variable.op.name: variable for variable in restored}))
    np.savez(os.path.join(args.out, "crossing.npz"), **kept)


if __name__ == "__main__":
    main()
