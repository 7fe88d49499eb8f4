"""From blocks to a scene: variables in boxes with marks, arrows with shapes, training ops, notes in words."""

from dataclasses import dataclass

from ref.graph.formulas import write_number
from ref.graph.layers import Block, condense, walk
from ref.graph.picture import Arrow, Box, Row, Scene
from ref.graph.read import Graph, Shape
from ref.graph.roles import TrainingOp, find_results, find_training, is_input
from ref.graph.words import Language, list_names, say


@dataclass(frozen=True)
class Use:
    """What a session loop does with a graph, which the graph alone does not say.

    ``fed`` are, of a training op's name, the tensors that are fed (ops' names, or a person's); ``restored`` are
    variables; ``evaluates`` is what is run where nothing is trained, ``shows`` what is drawn then.
    """

    fed: tuple[tuple[str, tuple[str, ...]], ...] = ()
    restored: tuple[str, ...] = ()
    evaluates: tuple[str, ...] = ()
    shows: tuple[str, ...] = ()


def make_scene(graph: Graph, title: str, language: Language, phase: int | None = None, use: Use = Use()) -> Scene:
    """Return the overview of a graph, or of what its training op number ``phase``, from 1, needs."""
    training = find_training(graph)
    chosen = training if phase is None else [training[phase - 1]]
    if use.evaluates:
        chosen = []
    losses = [loss for one in chosen for loss in one.losses]
    fed = _find_fed(graph, chosen, use)
    if use.evaluates:
        roots = [_find_op(graph, name) for name in use.shows]
        active = walk(graph, [_find_op(graph, name) for name in use.evaluates])
    else:
        roots = losses if phase is not None and losses else find_results(graph, training)
        active = walk(graph, roots, fed)
    blocks = condense(graph, roots, losses)
    maker = _Maker(graph, language, chosen, blocks, active, fed, use)
    scene = Scene(title, maker.make_boxes(), maker.make_arrows(), maker.list_beside())
    scene.notes = maker.make_notes(training if phase is None else [])
    scene.description = " ".join([*maker.describe(), *scene.notes])
    return scene


def _find_op(graph: Graph, name: str) -> str:
    """Return the op that a person's name or its own name means."""
    called = {own: key.rpartition(":")[0] or key for key, own in reversed(graph.names.items())}
    return called.get(name, name)


def _find_fed(graph: Graph, chosen: list[TrainingOp], use: Use) -> frozenset[str]:
    """Return the ops whose tensors are fed in place of what they compute; placeholders are not among them."""
    if len(chosen) != 1:
        return frozenset()
    names = [name for op, tensors in use.fed if op in (chosen[0].title, chosen[0].op) for name in tensors]
    return frozenset(
        op for op in (_find_op(graph, name) for name in names) if op in graph.ops and not is_input(graph.ops[op])
    )


def write_shape(shape: Shape) -> str:
    """Return a shape as the book writes it: ``(batch, 784)``; "" for a scalar, and where it is not known."""
    if not shape:
        return ""
    sizes = [
        "batch" if size is None and axis == 0 else "?" if size is None else str(size) for axis, size in enumerate(shape)
    ]
    return f"({sizes[0]},)" if len(sizes) == 1 else f"({', '.join(sizes)})"


class _Maker:
    def __init__(self, graph, language, training, blocks, active, fed, use):
        self._graph, self._language, self._training, self._fed, self._use = graph, language, training, fed, use
        self._blocks: list[Block] = blocks
        self._by_op = {block.op: block for block in blocks}
        self._active = active
        self._moved_by = {
            variable: [number for number, one in enumerate(training, 1) if variable in one.moved]
            for variable in (block.op for block in blocks if block.kind == "variable")
        }
        self._frozen = [
            name for name, by in self._moved_by.items() if training and not by and (name in graph.trainable)
        ]
        self._are_all_moved = len(training) == 1 and all(self._moved_by.values())
        self._first = {}  # of each variable: the op of the block that is the first to take it as it is
        for block in blocks:
            for leaf, how in block.leaves:
                if leaf in self._moved_by and not how:
                    self._first.setdefault(leaf, block.op)
        self._box_of: dict[str, str] = {}  # of an op of a block: the box

    def make_boxes(self) -> list[Box]:
        boxes = []
        for group in self._group_variables():
            box = Box(f"n{len(boxes)}", "variable", scope=self._graph.ops[group[0]].scope)
            box.rows = tuple(self._make_row(name, box.scope) for name in group)
            box.is_run = any(name in self._active for name in group)
            self._box_of |= dict.fromkeys(group, box.id)
            boxes.append(box)
        for block in self._blocks:
            if block.kind == "variable":
                continue
            kind, text = block.kind, block.formula and f"= {block.formula}"
            if block.op in self._fed:
                kind, text = "fed", say(self._language, "is_fed", formula=block.formula)
            box = Box(f"n{len(boxes)}", kind, block.name, text, (), block.scope, block.op in self._active)
            self._box_of[block.op] = box.id
            boxes.append(box)
        for number, one in enumerate(self._training, 1):
            how = one.optimizer
            if one.learning_rate is not None:
                rate = write_number(one.learning_rate)
                how = say(self._language, "learning_rate", optimizer=one.optimizer, rate=rate)
            box = Box(f"n{len(boxes)}", "training", one.title, how, (), self._graph.ops[one.op].scope)
            box.number = number if len(self._training) > 1 else 0
            self._box_of[one.op] = box.id
            boxes.append(box)
        return boxes

    def _group_variables(self) -> list[list[str]]:
        """Return the variables of a box each: those of one scope that one layer is the first to take."""
        groups = {}
        for name in self._moved_by:
            groups.setdefault((self._first.get(name, name), self._graph.ops[name].scope), []).append(name)
        return list(groups.values())

    def list_beside(self) -> list[tuple[str, str]]:
        """Return each box of variables with that of the layer that takes them, where no other does, in one scope."""
        pairs, takers = {}, {}
        for block in self._blocks:
            for leaf, how in block.leaves:
                if leaf in self._moved_by and how != "squared":
                    takers.setdefault(self._box_of[leaf], set()).add(block.op)
        for name, block in self._first.items():
            is_alone = len(takers[self._box_of[name]]) == 1  # an arrow to another layer needs room around it
            if is_alone and self._graph.ops[name].scope == self._graph.ops[block].scope:
                pairs[self._box_of[name]] = self._box_of[block]
        return list(pairs.items())

    def _make_row(self, name: str, scope: tuple[str, ...]) -> Row:
        by = self._moved_by[name]
        mark = "moved" if by else "frozen" if name in self._frozen else "kept"
        called = self._by_op[name].name
        if scope and called == name:
            called = name.rpartition("/")[2]
        shape = write_shape(self._graph.ops[name].get_shape() or self._get_handle_shape(name))
        is_said = mark != "moved" or not self._are_all_moved  # what is true of all, the notes and the legend say
        numbers = tuple(by) if len(self._training) > 1 else ()
        return Row(called, shape, mark, numbers, name in self._use.restored, is_said)

    def _get_handle_shape(self, name: str) -> Shape:
        from ref.graph.read import read_shape

        attributes = self._graph.ops[name].attributes
        return read_shape(attributes["shape"].shape) if "shape" in attributes else None

    def make_arrows(self) -> list[Arrow]:
        arrows = {}
        for block in self._blocks:
            for (leaf, how), called in block.leaves.items():
                if leaf not in self._box_of:
                    continue
                is_run = leaf in self._active and block.op in self._active and block.op not in self._fed
                kind, label = "data", write_shape(self._graph.ops[leaf].get_shape())
                if leaf in self._moved_by:
                    kind, label = "penalty" if how == "squared" else "variable", ""
                if how == "transposed":
                    kind, label = "transposed", say(self._language, "is_transposed")
                    label = f"{called} = {self._by_op[leaf].name}ᵀ" if called else f"{self._by_op[leaf].name}ᵀ"
                arrow = Arrow(self._box_of[leaf], self._box_of[block.op], label, kind, is_run)
                arrows[arrow.source, arrow.target, kind == "transposed"] = arrow
        for one in self._training:
            for loss in one.losses:
                if loss in self._box_of:
                    label = write_shape(self._graph.ops[loss].get_shape())
                    arrows[loss, one.op] = Arrow(self._box_of[loss], self._box_of[one.op], label, "minimized")
        return list(arrows.values())

    def make_notes(self, all_training: list[TrainingOp]) -> list[str]:
        """Return what is said under the title: what moves, what is frozen, what is fed, what is restored."""
        say_ = lambda key, **values: say(self._language, key, **values)  # noqa: E731
        notes = []
        for one in self._training:
            moved = [self._name(name) for name in one.moved if name in self._moved_by]
            loss = list_names(self._language, [self._name(loss) for loss in one.losses])
            is_all = set(self._graph.trainable) <= set(one.moved)
            moved = list_names(self._language, moved)
            key = "moves_unknown" if not loss else "moves_all" if is_all else "moves"
            notes.append(say_(key, op=one.title, loss=loss, moved=moved))
        if self._frozen:
            notes.append(say_("freezes", frozen=list_names(self._language, map(self._name, self._frozen))))
        for op in sorted(self._fed):
            notes.append(say_("is_cut", fed=self._name(op)))
        if all_training and not self._fed:
            titles = [one.title for one in all_training]
            for op, tensors in self._use.fed:
                own = [name for name in tensors if not is_input(self._graph.ops[_find_op(self._graph, name)])]
                if op in titles and own:
                    fed = list_names(self._language, own)
                    notes.append(say_("is_cut_later", op=op, fed=fed, phase=titles.index(op) + 1))
        if self._use.restored:
            restored = [self._name(name) for name in self._moved_by if name in self._use.restored]
            notes.append(say_("restores", variables=list_names(self._language, restored)))
        if self._use.evaluates:
            notes.append(say_("evaluates", evaluated=list_names(self._language, self._use.evaluates)))
        elif not self._training:
            notes.append(say_("no_training"))
        return notes

    def describe(self) -> list[str]:
        """Return sentences for whoever does not see the picture."""
        inputs = [f"{block.name} {write_shape(self._graph.ops[block.op].get_shape())}".strip() for block in self._blocks
                  if block.kind == "input" and block.op in self._active]  # fmt: skip
        shown = [
            block for block in self._blocks if block.kind not in ("variable", "input") and block.op in self._active
        ]
        sentences = []
        for key, texts in (
            ("is_fed_by", inputs),
            ("layers", [f"{one.name} = {one.formula}" for one in shown if one.kind not in ("loss", "penalty")]),
            ("losses", [f"{one.name} = {one.formula}" for one in shown if one.kind in ("loss", "penalty")]),
            ("ties", [say(self._language, "tie", block=one.name, variable=self._name(leaf)) for one in shown
                      for leaf, how in one.leaves if how == "transposed"]),
        ):  # fmt: skip
            if texts:
                sentences.append(
                    say(
                        self._language,
                        key,
                        **{key.removeprefix("is_fed_by") or "inputs": list_names(self._language, texts)},
                    )
                )
        return sentences

    def _name(self, op: str) -> str:
        return self._by_op[op].name if op in self._by_op else op
