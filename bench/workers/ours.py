"""Ours: autoencoder_8's graph, or what ``build_network`` gives, and one of the engines of ref/engines."""

import time

import numpy as np

from bench.work import L2_REG, LEARNING_RATE, TRAINED, Work

KIND = "tuned"
VENV = ".venv"


class Worker:
    def __init__(self, work: Work, cached: bool, device: str, engine: str, build_network=None):
        import tensorflow.compat.v1 as tf

        from ref.autoencoder_08_frozen_cache import build
        from ref.common.session import new_graph, open_session
        from ref.engines import make_phase2

        with new_graph(0):
            g, frozen = (build_network or (lambda: (build(learning_rate=LEARNING_RATE, l2_reg=L2_REG), None)))()
            self.phase2 = make_phase2(engine, g, cached, batch_size=work.batches.shape[1], device=device, frozen=frozen)
            self.variables = {name: getattr(g, name) for name in work.initial}
            placeholders = {name: tf.placeholder(tf.float32, v.shape) for name, v in self.variables.items()}
            assign = [self.variables[name].assign(placeholders[name]) for name in work.initial]
            self.nothing = tf.no_op()
            self.sess = open_session(device)
        self.init, self.assign, self.form = g.init, assign, self.phase2.form
        self.draws_per_batch, self.rnd = engine == "book", np.random.RandomState(0)
        self.feeds = {placeholders[name]: work.initial[name] for name in work.initial}
        self.images = work.images
        self.reset()
        self.fill()

    def fill(self):
        start_s = time.perf_counter()
        self.phase2.load(self.sess, self.images)
        self.fill_s = time.perf_counter() - start_s

    def reset(self):
        self.sess.run(self.init)
        self.sess.run(self.assign, self.feeds)

    def train(self, batches):
        if self.draws_per_batch:  # the batches are given, but the permutations are what this engine is about
            batches = (indices for indices, _ in zip(batches, self.phase2.draw(self.rnd, batches.shape[1])))
        self.phase2.train(self.sess, batches)

    def get_weights(self):
        return self.sess.run({name: self.variables[name] for name in TRAINED})
