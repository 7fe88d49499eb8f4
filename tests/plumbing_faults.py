"""Faults of the kind that refactoring makes in what surrounds the ports, each a replacement in one file.

``python -m scripts.faults`` (make faults) plants each in a copy of the checkout and wants one of its tests red.
"""

from typing import NamedTuple


class Fault(NamedTuple):
    """In ``module``, ``old``, which stands there once, was written as ``new``; ``tests`` are those that must see it."""

    kind: str
    module: str
    name: str
    old: str
    new: str
    tests: tuple[str, ...]


SESSION, GRAPH_MODE, RUNS = "ref/common/session.py", "ref/common/graph_mode.py", "ref/common/runs.py"
RUN_DIRECTORY, ORIGINS = "ref/common/run_directory.py", "ref/common/origins.py"
GENERATIONS, LOCKS, FILES = "ref/common/generations.py", "ref/common/locks.py", "ref/common/files.py"
LINKS = "ref/common/links.py"
RESUME, DRAWS, EPOCHS = "ref/common/resume.py", "ref/common/draws.py", "ref/common/epochs.py"
LINES, RESULTS, STREAMS = "ref/common/lines.py", "ref/common/results.py", "ref/common/streams.py"
CHECKS, CHECKPOINTS, SIGNALS = "ref/common/checks.py", "ref/common/checkpoints.py", "ref/common/signals.py"
FLAGS = "ref/common/flags.py"
CLI, MACHINE, ENVIRONMENT = "ref/common/cli.py", "ref/common/machine.py", "ref/common/environment.py"
SETTINGS, FINITE = "ref/common/settings.py", "ref/common/finite.py"
ENGINE_DRAWS, CACHE, PHASE2, RESIDENT, LOOP, XLA, MAKE_PHASE2 = (
    f"ref/engines/{name}.py" for name in ("draws", "cache", "phase2", "resident", "loop", "xla", "__init__")
)
STEP_LOSSES, LOGDIR, PROGRESS, CURVES = (
    f"ref/common/{name}.py" for name in ("step_losses", "logdir", "progress", "curves")
)
DATA_SETS, IDX, DIRECTORY = "ref/data/data_sets.py", "ref/data/idx.py", "ref/data/directory.py"
DOWNLOAD, DIGITS, MAKEFILE = "ref/data/download.py", "ref/data/digits.py", "Makefile"

TEST_SESSION, TEST_STATE, TEST_STRANGERS = ("test_session.py",), ("test_state.py",), ("test_strangers.py",)
TEST_GENERATIONS, TEST_ENGINES = ("test_generations.py",), ("test_engine_kinds.py", "test_engines.py")
TEST_NEEDED, TEST_MAKE, TEST_FLAGS = ("test_needed.py",), ("test_make.py",), ("test_bounds.py", "test_cli.py")
TEST_CLAIMS, TEST_DATA = ("test_claims.py",), ("test_large_sets.py", "test_data.py")
TEST_STREAMS, TEST_ENVIRONMENT, TEST_GUEST = ("test_streams.py",), ("test_environment.py",), ("test_guest.py",)
TEST_RESULTS, TEST_FILES, TEST_SIGNALS = ("test_results.py",), ("test_files.py",), ("test_signals.py",)
TEST_EVENTS = "test_events.py"
RESUMED = "test_resume.py::test_a_run_stopped_after_every_epoch_ends_in_the_same_bits"


def _of(kind, *faults):
    return [Fault(kind, *fault) for fault in faults]


FAULTS = [
    *_of(
        "state that outlives a call",
        (
            SESSION,
            "a prepared call for whatever shape",
            "key = (fetches, *feed_dict, *(value.shape for value in values))",
            "key = (fetches, *feed_dict)",
            TEST_SESSION,
        ),
        (
            SESSION,
            "a prepared call for feeds in whatever order",
            "key = (fetches, *feed_dict, *(value.shape for value in values))",
            "key = (fetches, frozenset(feed_dict), len(values))",
            TEST_SESSION,
        ),
        (
            SESSION,
            "prepared calls shared by all sessions",
            "        self._prepared = {}\n",
            '        self._prepared = globals().setdefault("_all_prepared", {})\n',
            TEST_SESSION,
        ),
        (SESSION, "options and metadata dropped", " and options is None and run_metadata is None", "", TEST_SESSION),
        (
            SESSION,
            "fed as it comes, of whatever type",
            "np.asarray(value, tensor.dtype.as_numpy_dtype)",
            "np.asarray(value)",
            TEST_SESSION,
        ),
        (
            SESSION,
            "numbering as in the last graph's block",
            "        finally:\n            _numbering.name = before",
            "        finally:\n            pass",
            ("test_seeds.py",),
        ),
        (
            LINES,
            "numbers of one line in the next",
            'self._line, self._numbers = "", {}\n        return',
            'self._line = ""\n        return',
            TEST_RESULTS,
        ),
        (
            RESULTS,
            "arrays of one run in the next",
            "        self.drawn: dict[str, np.ndarray] = {}\n",
            '        self.drawn = globals().setdefault("_all_drawn", {})\n',
            TEST_RESULTS,
        ),
        (
            DRAWS,
            "random ops of a call, whatever it is fed",
            "if isinstance(fetches, (list, tuple, dict)) else fetches, fed)",
            "if isinstance(fetches, (list, tuple, dict)) else fetches, ())",
            TEST_STATE,
        ),
    ),
    *_of(
        "seed 0 is none",
        (
            DATA_SETS,
            "shuffles by chance",
            "rnd = np.random.RandomState(seed)",
            "rnd = np.random.RandomState(seed or None)",
            ("test_data.py", "test_reader_tf1.py"),
        ),
        (
            SESSION,
            "graph seed 42",
            "tf.set_random_seed(seed)\n",
            "tf.set_random_seed(seed or 42)\n",
            ("test_seeds.py",),
        ),
        (
            SESSION,
            "ops numbered as in an unseeded graph",
            "if graph.seed is None or",
            "if not graph.seed or",
            ("test_seeds.py",),
        ),
        (
            CLI,
            "not handed on to what is needed first",
            "for key in shared if args[key] is not None]",
            "for key in shared if args[key]]",
            TEST_NEEDED,
        ),
        (FLAGS, "refused", "or int(text) > MAX_SEED:", "or not 1 <= int(text) <= MAX_SEED:", TEST_FLAGS),
        (
            MAKEFILE,
            "not handed on by make",
            "$(if $(value SEED),--seed",
            "$(if $(filter-out 0,$(value SEED)),--seed",
            TEST_MAKE,
        ),
        (
            SETTINGS,
            "not what a finished run had",
            '"seed": result["seed"],',
            '"seed": result["seed"] or 42,',
            ("test_state.py", "test_resume.py"),
        ),
    ),
    *_of(
        "integers too narrow for large sets",
        (
            ENGINE_DRAWS,
            "rows of an epoch in 16 bits",
            "indices = rnd.permutation(num_examples)[",
            "indices = rnd.permutation(num_examples).astype(np.uint16)[",
            TEST_DATA,
        ),
        (
            ENGINE_DRAWS,
            "rows of a batch in 16 bits",
            "yield rnd.permutation(num_examples)[:batch_size]",
            "yield rnd.permutation(num_examples)[:batch_size].astype(np.uint16)",
            TEST_DATA,
        ),
        (
            DATA_SETS,
            "shuffles in 16 bits",
            "        order = np.arange(self.num_examples)\n        self._rnd.shuffle(order)\n",
            "        order = np.arange(self.num_examples)\n        self._rnd.shuffle(order)\n"
            "        order = order.astype(np.uint16)\n",
            TEST_DATA,
        ),
        (
            DATA_SETS,
            "an order that is kept in 16 bits",
            "return self._rows[self._order], (self",
            "return self._rows[self._order].astype(np.uint16), (self",
            TEST_DATA,
        ),
        (
            RESUME,
            "a place in the epoch that is kept in 8 bits",
            'f"{name}/position": np.array(position)}',
            'f"{name}/position": np.array(position).astype(np.uint8)}',
            TEST_DATA,
        ),
        (
            RESUME,
            "a Gaussian that is kept in float32",
            "np.array(rest, np.float64)",
            "np.array(rest, np.float32)",
            TEST_STATE,
        ),
        (
            IDX,
            "sizes with a sign",
            'shape = struct.unpack_from(f">{n_dims}I", start, 4)',
            'shape = struct.unpack_from(f">{n_dims}i", start, 4)',
            ("test_malformed.py::test_a_malformed_file_is_refused_with_its_reason", "test_large_sets.py"),
        ),
        (
            CHECKS,
            "a cache's bytes in 31 bits",
            'n_floats += n_train * hyper_parameters["n_hidden1"]',
            'n_floats += n_train * hyper_parameters["n_hidden1"] & 0x7FFFFFFF',
            TEST_DATA,
        ),
    ),
    *_of(
        "what result.json claims",
        (
            DIRECTORY,
            "the images' sha256 for the labels'",
            "sha256[labels_file] = hash_array_file(labels)",
            "sha256[labels_file] = hash_array_file(images)",
            TEST_CLAIMS,
        ),
        (RESULTS, "another package's version", '"numpy": np.__version__', '"numpy": tf.__version__', TEST_CLAIMS),
        (RESULTS, "the device that was asked for", "session.describe_device(device)", "device", TEST_CLAIMS),
        (RESULTS, "no number of threads", '"threads": machine.count_threads()', '"threads": 1', TEST_CLAIMS),
        (
            MACHINE,
            "the machine's cores for ours",
            'return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1',
            "return os.cpu_count() or 1",
            TEST_CLAIMS,
        ),
        (
            CLI,
            "whose seeds, as by default",
            'run.result["seeds"] = args["seeds"]',
            'run.result["seeds"] = "tf1"',
            TEST_CLAIMS,
        ),
        (
            ORIGINS,
            "the origin's seed is its default",
            "seed {made['seed']}",
            "seed {made.get('hyper_parameters', {}).get('seed', 42)}",
            TEST_CLAIMS,
        ),
        (
            RUNS,
            "restored from oneself",
            '"checkpoint": f"{directory.name}/{name}"',
            '"checkpoint": f"{self.name}/{name}"',
            TEST_CLAIMS,
        ),
        (
            EPOCHS,
            "time of the last part alone",
            '        self.times.go_on_from(state["times"])\n',
            "        self.times.is_catching_up = False\n",
            TEST_STATE,
        ),
        (
            RUNS,
            "nothing restored, after a resume",
            '"printed": self._lines.printed, **state["restored"]}',
            '"printed": self._lines.printed}',
            (f"{RESUMED}[5-]",),
        ),
    ),
    *_of(
        "a check of a part",
        (
            CHECKS,
            "the smaller batch",
            "return max(sizes) if isinstance",
            "return min(sizes) if isinstance",
            TEST_FLAGS,
        ),
        (
            SESSION,
            "trainable variables are finite",
            "variables = sess.graph.get_collection(tf.GraphKeys.GLOBAL_VARIABLES)",
            "variables = sess.graph.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES)",
            TEST_SESSION,
        ),
        (
            CHECKPOINTS,
            "trainable variables of a checkpoint are finite",
            "lambda v=variable: reader.get_tensor(v.op.name)) for variable in wanted\n",
            "lambda v=variable: reader.get_tensor(v.op.name))\n        for variable in variables\n"
            "        if variable in tf.trainable_variables()\n",
            ("test_restore.py",),
        ),
        (
            CHECKPOINTS,
            "trainable variables of a checkpoint have their shapes",
            "        if shapes.get(name) != expected:",
            "        if shapes.get(name) != expected and variable in tf.trainable_variables():",
            ("test_restore.py", "test_cli.py"),
        ),
        (
            GENERATIONS,
            "the first file of a generation",
            'for name, expected in manifest["files"].items():',
            'for name, expected in list(manifest["files"].items())[:1]:',
            TEST_GENERATIONS,
        ),
        (
            FINITE,
            "the first number of an array is finite",
            "not np.isfinite(value).all():",
            "not np.isfinite(value.ravel()[:1]).all():",
            ("test_finite.py",),
        ),
        (
            DOWNLOAD,
            "two of the four files are there",
            "file) for file in FILES):",
            "file) for file in FILES[:2]):",
            ("test_download.py::test_whichever_file_is_missing_it_is_fetched_and_no_other",),
        ),
        (
            DIRECTORY,
            "labels too many, not too few",
            "if len(labels) != n_images:",
            "if len(labels) > n_images:",
            ("test_sources.py::test_labels_matter_to_who_uses_them",),
        ),
        (
            DIGITS,
            "the first file of the embedded digits",
            "if arrays.sha256 == DIGITS_SHA256:",
            "if arrays.sha256[FILES[0]] == DIGITS_SHA256[FILES[0]]:",
            ("test_sources.py::test_a_damaged_copy_of_the_embedded_digits_is_made_again",),
        ),
    ),
    *_of(
        "where temporary files lie",
        (
            FILES,
            "where temporary files mostly are",
            'descriptor, temporary = tempfile.mkstemp(prefix=f"{UNFINISHED}{path.name}-", dir=path.parent)',
            'descriptor, temporary = tempfile.mkstemp(prefix=f"{UNFINISHED}{path.name}-")',
            TEST_FILES,
        ),
        (
            GENERATIONS,
            "in another directory than the generation",
            'temporary = root / f"{UNFINISHED}generation{suffix}"',
            'temporary = directory.parent / f"{UNFINISHED}generation{suffix}"',
            ("test_files.py", "test_generations.py"),
        ),
        (
            LINKS,
            "a link's in the current directory",
            'temporary = path.with_name(f"{UNFINISHED}{path.name}")',
            'temporary = Path(f"{UNFINISHED}{path.name}")',
            ("test_files.py", "test_generations.py"),
        ),
        (
            CACHE,
            "the cache in the current directory",
            "map_cache(sess, self._g, self._frozen, images, directory)",
            "map_cache(sess, self._g, self._frozen, images, Path())",
            TEST_ENGINES,
        ),
        (FILES, "for nobody else to read", "        os.chmod(temporary, 0o644)\n", "", TEST_FILES),
        (
            FILES,
            "left there where writing fails",
            "            os.unlink(temporary)\n",
            "            pass\n",
            TEST_FILES,
        ),
    ),
    *_of(
        "signals not held",
        (
            SIGNALS,
            "SIGTERM",
            "numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)",
            "numbers = (signal.SIGINT,)",
            TEST_SIGNALS,
        ),
        (SIGNALS, "held for good", "        signal.raise_signal(number)", "        pass", TEST_SIGNALS),
        (
            SIGNALS,
            "Python's own handlers put back",
            "            signal.signal(number, handler)",
            "            signal.signal(number, signal.default_int_handler)",
            TEST_SIGNALS,
        ),
        (
            GENERATIONS,
            "between rename and links",
            "        with hold_signals():\n",
            "        with contextlib.nullcontext():\n",
            TEST_SIGNALS,
        ),
        (
            CLI,
            "SIGTERM's handler stays",
            "            for number, handler in before.items():\n                signal.signal(number, handler)",
            "            pass",
            ("test_signals.py", "test_guest.py"),
        ),
    ),
    *_of(
        "which checkpoint is restored",
        (
            GENERATIONS,
            "the oldest generation",
            "for path in reversed(_list(directory / DIRECTORY)):",
            "for path in _list(directory / DIRECTORY):",
            TEST_GENERATIONS,
        ),
        (
            GENERATIONS,
            "the last by its name's letters",
            "key=_number)",
            "key=lambda path: path.name)",
            ("test_restore.py",),
        ),
        (
            GENERATIONS,
            "a number that is taken",
            "max(map(_number, _list(root)), default=0) + 1",
            "len(_list(root)) + 1",
            TEST_GENERATIONS,
        ),
        (
            LINKS,
            "any link is ours",
            "    return path.is_symlink() and os.readlink(path) == _lead(path.name)\n",
            "    return path.is_symlink()\n",
            TEST_STRANGERS,
        ),
        (
            LINKS,
            "a plain file is ours",
            "    return path.is_symlink() and os.readlink(path) == _lead(path.name)\n",
            "    return True\n",
            TEST_STRANGERS,
        ),
        (
            CHECKPOINTS,
            "a generation before a stranger's plain files",
            "    if is_anothers(path, remedy):\n        return path\n",
            "",
            (*TEST_STRANGERS, "test_restore.py", "test_cli.py"),
        ),
        (
            GENERATIONS,
            "links stay where a killed run left them",
            "            links.replace_link(generation.path.parent / links.CURRENT, generation.path.name)\n",
            "            pass\n",
            TEST_GENERATIONS,
        ),
        (
            RESUME,
            "a stranger's, gone on with",
            "if generation.state.keys() >= NEEDED",
            "if True",
            ("test_state.py", "test_resume.py"),
        ),
    ),
    *_of(
        "what make hands on",
        (CLI, "not the data", 'shared = ("data", "seed"', 'shared = ("seed"', TEST_NEEDED),
        (CLI, "not whose seeds", '"seeds", "epochs", "out"', '"epochs", "out"', TEST_NEEDED),
        (CLI, "not the device", '"out", "device", "logdir"', '"out", "logdir"', TEST_NEEDED),
        (CLI, "not the second layer", '"n_hidden1", "n_hidden2")', '"n_hidden1")', TEST_NEEDED),
        (CLI, "not the place", '"epochs", "out", "device"', '"epochs", "device"', TEST_NEEDED),
        (
            MAKEFILE,
            "10 needs nothing",
            "autoencoder_5 autoencoder_9 autoencoder_10: NEEDED",
            "autoencoder_5 autoencoder_9: NEEDED",
            TEST_MAKE,
        ),
        (MAKEFILE, "not the device, by make", "$(DEVICE_FLAG) $(if $(RESUME)", "$(if $(RESUME)", TEST_MAKE),
        (
            CLI,
            "as old as its script is too old",
            "index.stat().st_mtime >= os.stat",
            "index.stat().st_mtime > os.stat",
            TEST_NEEDED,
        ),
    ),
    *_of(
        "looking on",
        (
            STEP_LOSSES,
            "a loss that draws evaluated apart",
            "if draws and take is None:",
            "if False:",
            (f"{TEST_EVENTS}::test_a_loss_is_that_before_its_step_and_nothing_is_drawn_for_it",),
        ),
        (
            STEP_LOSSES,
            "the loss after its step",
            """            if draws is False:
                value = sess.run_prepared(loss, feed_dict)
            (take or Session.run_prepared)(sess, training_op, feed_dict)
""",
            """            (take or Session.run_prepared)(sess, training_op, feed_dict)
            if draws is False:
                value = sess.run_prepared(loss, feed_dict)
""",
            (f"{TEST_EVENTS}::test_a_loss_is_that_before_its_step_and_nothing_is_drawn_for_it",),
        ),
        (
            LOGDIR,
            "steps that are taken again stay",
            "                os.truncate(path, size)\n",
            "                pass\n",
            (f"{TEST_EVENTS}::test_a_run_that_goes_on_logs_each_step_once",),
        ),
        (
            PROGRESS,
            "a bar as wide as the terminal is",
            "columns or MAX_COLUMNS, MAX_COLUMNS)",
            "columns or MAX_COLUMNS, 999)",
            ("test_progress.py",),
        ),
        (
            CURVES,
            "the fill left out of what the cache saved",
            "saved_ms = steps_ms[-1] - steps_ms[of_cache] - fills_ms[of_cache]",
            "saved_ms = steps_ms[-1] - steps_ms[of_cache]",
            ("test_curves.py",),
        ),
    ),
    *_of(
        "an engine that is another",
        (
            LOOP,
            "a loop of a step each",
            "            sess.run(self._train, {self.fed: all_batches})\n",
            "            for indices in batches:\n                sess.run(self._train, {self.fed: indices[None]})\n",
            TEST_ENGINES,
        ),
        (
            RESIDENT,
            "resident rows that are fed",
            "sess.run(self._train, {self.fed: indices})",
            "sess.run(self._g.phase2_training_op, {self._rows.tensor: sess.run(self._resident_rows)[indices]})",
            TEST_ENGINES,
        ),
        (XLA, "xla that XLA does not compile", "jit_compile=True", "jit_compile=False", TEST_ENGINES),
        (
            MAKE_PHASE2,
            "another engine than asked for",
            "Phase2.kinds[engine]\n",
            'Phase2.kinds["loop"]\n',
            TEST_ENGINES,
        ),
        (
            MAKE_PHASE2,
            "a cache where it was to be recomputed",
            "CachedInMemory if cached else",
            'CachedInMemory if cached or engine == "loop" else',
            TEST_ENGINES,
        ),
        (
            PHASE2,
            "saves the last epoch alone",
            '            run.save(self._g.saver, sess, "my_model_cache_frozen.ckpt")',
            "            if epoch == n_epochs - 1:\n"
            '                run.save(self._g.saver, sess, "my_model_cache_frozen.ckpt")',
            (f"{RESUMED}[8---engineresident]",),
        ),
    ),
    *_of(
        "a cache of other rows",
        (
            CACHE,
            "of other images",
            "(*sess.run([variable for layer in frozen for variable in layer]), images)",
            "sess.run([variable for layer in frozen for variable in layer])",
            TEST_ENGINES,
        ),
        (
            CACHE,
            "of the first images",
            "digest.update(np.ascontiguousarray(array))",
            "digest.update(np.ascontiguousarray(array[:1000]))",
            TEST_ENGINES,
        ),
        (
            CACHE,
            "of other weights of the second frozen layer",
            "for layer in frozen for variable in layer]), images)",
            "for layer in frozen[:1] for variable in layer]), images)",
            TEST_ENGINES,
        ),
        (
            CACHE,
            "of another number of rows",
            "return found.shape == shape and found.dtype == np.float32",
            "return found.shape[1:] == shape[1:] and found.dtype == np.float32",
            TEST_ENGINES,
        ),
        (
            CACHE,
            "a block less",
            "images[start : start + block]}, sess)",
            "images[start : start + block - 1]}, sess)",
            TEST_ENGINES,
        ),
    ),
    *_of(
        "bounds of flags",
        (
            FLAGS,
            "no epochs at all",
            "or not 1 <= int(text) <= most",
            "or not 0 <= int(text) <= most",
            TEST_FLAGS,
        ),
        (FLAGS, "a million is too many", "<= int(text) <= most", "<= int(text) < most", TEST_FLAGS),
        (FLAGS, "a seed that is 0 to TensorFlow", "MAX_SEED = 2**31 - 2", "MAX_SEED = 2**31 - 1", TEST_FLAGS),
        (FLAGS, "the last seed is refused", "int(text) > MAX_SEED", "int(text) >= MAX_SEED", TEST_FLAGS),
        (FLAGS, "a share of nothing", "0 < (value := float(text)) < 1", "0 <= (value := float(text)) < 1", TEST_FLAGS),
        (FLAGS, "a share of all", "0 < (value := float(text)) < 1", "0 < (value := float(text)) <= 1", TEST_FLAGS),
        (
            FLAGS,
            "no regularization is refused",
            "0 <= (value := float(text)) <= MAX_FLOAT",
            "0 < (value := float(text)) <= MAX_FLOAT",
            TEST_FLAGS,
        ),
        (
            DATA_SETS,
            "a batch of the whole set is refused",
            "if batch_size > self.num_examples:",
            "if batch_size >= self.num_examples:",
            ("test_data.py", "test_cli.py"),
        ),
        (IDX, "a million images are too many", "if n > MAX_IMAGES:", "if n >= MAX_IMAGES:", TEST_DATA),
        (
            CHECKS,
            "room for exactly that is none",
            "    if n_bytes > room:",
            "    if n_bytes >= room:",
            ("test_bounds.py", "test_checks.py"),
        ),
    ),
    *_of(
        "settings that change digits",
        (
            SESSION,
            "one thread an op",
            "    config.gpu_options.allow_growth = True\n",
            "    config.gpu_options.allow_growth = True\n    config.intra_op_parallelism_threads = 1\n",
            TEST_SESSION,
        ),
        (
            SESSION,
            "graphs not optimized",
            "    config.gpu_options.allow_growth = True\n",
            "    config.gpu_options.allow_growth = True\n    config.graph_options.optimizer_options.opt_level = -1\n",
            TEST_SESSION,
        ),
        (
            ENVIRONMENT,
            "oneDNN off",
            'defaults = {"TF_CPP_MIN_LOG_LEVEL":',
            'defaults = {"TF_ENABLE_ONEDNN_OPTS": "0", "TF_CPP_MIN_LOG_LEVEL":',
            TEST_ENVIRONMENT,
        ),
        (
            RESUME,
            "another CPU unsaid",
            '        "cpu": machine.describe_cpu(),\n',
            "",
            ("test_state.py", "test_resume.py::test_another_environment_is_said"),
        ),
        (
            RESUME,
            "another TensorFlow unsaid",
            '        "tensorflow": tf.__version__,\n',
            "",
            ("test_state.py", "test_resume.py::test_another_environment_is_said"),
        ),
    ),
    *_of(
        "generations",
        (
            GENERATIONS,
            "another's replaced without a copy",
            "                adopt(directory, checkpoint)\n",
            "                pass\n",
            TEST_STRANGERS,
        ),
        (
            GENERATIONS,
            "another's pruned",
            "if old not in keep and not old.name.endswith(ADOPTED):",
            "if old not in keep:",
            TEST_STRANGERS,
        ),
        (
            GENERATIONS,
            "another's replaced at the start",
            "if not any(find_foreign(directory, checkpoint) for checkpoint in checkpoints):",
            "if True:",
            TEST_STRANGERS,
        ),
        (
            GENERATIONS,
            "copied, not renamed",
            "            os.rename(temporary, target)\n",
            "            shutil.copytree(temporary, target)\n",
            TEST_GENERATIONS,
        ),
        (GENERATIONS, "files not on the disk", "        sync(path)\n    manifest", "    manifest", TEST_GENERATIONS),
        (GENERATIONS, "the rename not on the disk", "            sync(root)\n", "", TEST_GENERATIONS),
        (
            GENERATIONS,
            "the directory synced after its rename",
            "        sync(temporary)\n",
            "",
            TEST_GENERATIONS,
        ),
        (
            GENERATIONS,
            "the manifest believed",
            'if manifest.pop("sha256") != _hash(manifest):',
            'if not manifest.pop("sha256"):',
            TEST_GENERATIONS,
        ),
        (
            GENERATIONS,
            "pruned before it is there",
            "            make_way()\n",
            "            make_way()\n            for old in _list(root):\n                _remove(old)\n",
            TEST_GENERATIONS,
        ),
        (GENERATIONS, "one is kept", "KEPT = 2", "KEPT = 1", TEST_GENERATIONS),
        (
            GENERATIONS,
            "an earlier run's results beside it",
            "            make_way()\n",
            "",
            ("test_results.py", "test_resume.py"),
        ),
        (FILES, "a file not on the disk", "            os.fsync(file.fileno())\n", "", TEST_FILES),
        (FILES, "a name not on the disk", "        sync(path.parent)\n", "", TEST_FILES),
    ),
    *_of(
        "locks",
        (LOCKS, "shared", "fcntl.LOCK_EX | fcntl.LOCK_NB", "fcntl.LOCK_SH | fcntl.LOCK_NB", TEST_GENERATIONS),
        (LOCKS, "left behind", "            self._path.unlink(missing_ok=True)\n", "", TEST_GENERATIONS),
        (
            LOCKS,
            "of a file that is gone",
            "            if self._is_there():\n",
            "            if True:\n",
            TEST_GENERATIONS,
        ),
        (
            RUN_DIRECTORY,
            "swept before it is locked",
            "    lock = DirectoryLock(directory)\n",
            "    generations.sweep(directory)\n    lock = DirectoryLock(directory)\n",
            TEST_STATE,
        ),
    ),
    *_of(
        "resume",
        (
            RESUME,
            "the generator not put back",
            "        sets.rnd.set_state(",
            "        tuple(",
            TEST_STATE,
        ),
        (
            DATA_SETS,
            "the order not put back",
            "        self._order = places[order]\n",
            "",
            ("test_state.py", f"{RESUMED}[3-]"),
        ),
        (
            DATA_SETS,
            "the place in the epoch not put back",
            "        self._start, self._is_shuffled = position\n",
            "        self._is_shuffled = position[1]\n",
            ("test_state.py", f"{RESUMED}[3-]"),
        ),
        (RESUME, "draws not put back", "        self.draws.fast_forward(sess, calls)\n", "", (f"{RESUMED}[11-]",)),
        (
            DRAWS,
            "each call counted once",
            "self._get_ops(fetches)), shapes] += 1",
            "self._get_ops(fetches)), shapes] = 1",
            (f"{RESUMED}[11-]",),
        ),
        (
            RESUME,
            "Adam's slots not put back",
            "for variable in tf.global_variables():",
            "for variable in tf.trainable_variables():",
            (f"{RESUMED}[3-]",),
        ),
        (
            EPOCHS,
            "a phase an epoch",
            "self._phase += epoch == 0",
            "self._phase += 1",
            ("test_resume.py::test_a_new_run_says_what_is_there_and_keeps_it_until_its_own_epoch_is_whole",),
        ),
        (
            RUNS,
            "draws of an epoch that is gone through",
            "            self._epochs.put_back()\n            return",
            "            return",
            (f"{RESUMED}[8-]", f"{RESUMED}[7-]", f"{RESUMED}[6-]"),
        ),
    ),
    *_of(
        "lines",
        (
            LINES,
            "printed when the buffer is full",
            "print(*values, end=end, flush=True)",
            "print(*values, end=end)",
            TEST_RESULTS,
        ),
        (
            LINES,
            "the head of a line printed twice as none",
            '        print(self._line, end="", flush=True)\n',
            "",
            TEST_RESULTS,
        ),
        (LINES, "a number with all its bits", "float(str(value))", "float(value)", TEST_RESULTS),
    ),
    *_of(
        "results",
        (
            RESULTS,
            "result.json before figures.npz",
            "        self.write_pictures()\n        if self.drawn:\n",
            "        self.write_pictures()\n"
            '        with open_atomically(self.directory / "result.json") as file:\n'
            "            file.write(json.dumps(result).encode())\n"
            "        if self.drawn:\n",
            TEST_RESULTS,
        ),
        (RESULTS, "NaN in JSON", "allow_nan=False", "allow_nan=True", TEST_RESULTS),
        (
            RESULTS,
            "old arrays beside new pictures",
            '("result.json", "figures.npz", *(',
            '("result.json", *(',
            TEST_RESULTS,
        ),
    ),
    *_of(
        "streams",
        (
            STREAMS,
            "a full standard error stops a run",
            "            if self.fileno() == 2:",
            "            if self.fileno() == 3:",
            TEST_STREAMS,
        ),
        (
            STREAMS,
            "a file of ours becomes standard error",
            "            os.open(os.devnull, os.O_RDWR)",
            "            pass",
            TEST_STREAMS,
        ),
        (
            STREAMS,
            "last words swallowed",
            'HOLD_BACK = "import sys; text = sys.stdin.buffer.read(); sys.stderr.buffer.write(text)"',
            'HOLD_BACK = "import sys; text = sys.stdin.buffer.read()"',
            TEST_STREAMS,
        ),
    ),
    *_of(
        "environment",
        (ENVIRONMENT, "a notebook's backend", 'REMOVED = ("MPLBACKEND", ', "REMOVED = (", TEST_ENVIRONMENT),
        (ENVIRONMENT, "this checkout is a stranger", "strangers -= {str(ROOT), *", "strangers -= {*", TEST_ENVIRONMENT),
        (ENVIRONMENT, "a matplotlibrc", "        matplotlib.rcdefaults()\n", "", TEST_ENVIRONMENT),
        (
            ENVIRONMENT,
            "set for good in a process that is not ours",
            "            os.environ.pop(name, None)\n\n\n@contextlib.contextmanager\ndef default_style",
            "            pass\n\n\n@contextlib.contextmanager\ndef default_style",
            TEST_ENVIRONMENT,
        ),
    ),
    *_of(
        "graph mode",
        (GRAPH_MODE, "for all threads", "_here = threading.local()", "_here = type(threading)('here')", TEST_GUEST),
        (
            GRAPH_MODE,
            "for good",
            "                        setattr(module, name, found)\n",
            "                        pass\n",
            TEST_GUEST,
        ),
        (
            GRAPH_MODE,
            "over what others have set meanwhile",
            "if getattr(module, name) is ours:",
            "if True:",
            TEST_GUEST,
        ),
        (
            GRAPH_MODE,
            "warnings swallowed for good",
            "                tf_logging.get_logger().removeFilter(_is_worth_logging)\n",
            "",
            TEST_GUEST,
        ),
    ),
]
