"""Which tests belong to which module: what is run for a mutant of it, the fast and the telling first."""

import re
from pathlib import Path

# Of the ports and the layers; Selection keeps those that are of the mutated one.
PORT_TESTS = (
    *("test_structure.py", "test_layers.py", "test_oracle.py", "test_golden.py", "test_losses.py", "test_ports.py"),
    *("test_engines.py", "test_loops.py", "test_full_size.py"),
)
RESUMED = "test_resume.py::test_a_run_stopped_after_every_epoch_ends_in_the_same_bits"
RUNS = ("test_state.py", "test_claims.py", f"{RESUMED}[3-]", f"{RESUMED}[16-]", "test_ports.py::test_port[6]")
STOPPED = "test_resume.py::test_a_new_run_says_what_is_there_and_keeps_it_until_its_own_epoch_is_whole"
FINITE = "test_not_finite.py::test_what_was_saved_before_is_kept_and_can_be_gone_on_with"
NUMERICS = tuple(
    f"test_not_finite.py::test_{name}"
    for name in (
        "the_first_op_is_named_with_its_line",
        "a_layers_op_is_where_the_layer_is_called",
        "looking_for_it_changes_nothing_but_rounding",
    )
)
PIPE = "test_streams.py::test_a_pipe_that_nobody_reads"
INTERRUPTED = "test_cli.py::test_an_interrupted_run_leaves_its_last_checkpoint_whole"
# Of what surrounds them.
TESTS = {
    "ref/common/captions.py": ("test_captions.py", "test_ports.py::test_port"),
    "ref/common/checkpoints.py": ("test_restore.py", "test_strangers.py", "test_cli.py"),
    "ref/common/checks.py": ("test_bounds.py", "test_large_sets.py", "test_checks.py"),
    "ref/common/cli.py": ("test_bounds.py", "test_needed.py", "test_signals.py", "test_cli.py", "test_guest.py", PIPE),
    "ref/common/cuda.py": ("test_cuda.py",),
    "ref/common/draws.py": ("test_state.py", f"{RESUMED}[16-]", f"{RESUMED}[12-]", f"{RESUMED}[11-]"),
    "ref/common/environment.py": ("test_environment.py",),
    "ref/common/epochs.py": (*RUNS, FINITE, STOPPED),
    "ref/common/files.py": ("test_files.py", "test_generations.py", "test_checks.py"),
    "ref/common/figures.py": (
        "test_ports.py::test_port",
        "test_ports.py::test_a_sheet_has_a_row_for_what_is_left_over",
    ),
    "ref/common/finite.py": ("test_finite.py",),
    "ref/common/flags.py": ("test_bounds.py", "test_cli.py"),
    "ref/common/generations.py": (
        "test_generations.py",
        "test_strangers.py",
        "test_files.py",
        "test_restore.py",
        "test_state.py",
    ),
    "ref/common/graph_mode.py": ("test_guest.py", "test_seeds.py"),
    "ref/common/lines.py": ("test_results.py",),
    "ref/common/links.py": ("test_strangers.py", "test_generations.py", "test_restore.py"),
    "ref/common/locks.py": ("test_generations.py", "test_state.py"),
    "ref/common/losses.py": ("test_losses.py",),
    "ref/common/machine.py": ("test_machine.py", "test_claims.py", "test_checks.py"),
    "ref/common/numerics.py": NUMERICS,
    "ref/common/origins.py": ("test_claims.py",),
    "ref/common/progress.py": ("test_guest.py",),
    "ref/common/reasons.py": ("test_reasons.py",),
    "ref/common/results.py": ("test_results.py", "test_claims.py"),
    "ref/common/resume.py": (*RUNS, f"{RESUMED}[7-]", "test_resume.py::test_flags_are_taken_over"),
    "ref/common/run_directory.py": (*RUNS, STOPPED, "test_strangers.py", "test_checks.py"),
    "ref/common/runs.py": (*RUNS, FINITE, STOPPED, INTERRUPTED),
    "ref/common/session.py": ("test_session.py", "test_seeds.py", "test_guest.py", "test_cli.py::test_no_gpu"),
    "ref/common/settings.py": (
        "test_results.py",
        "test_resume.py::test_other_flags_than_the_interrupted_runs_are_refused",
        *RUNS,
    ),
    "ref/common/signals.py": ("test_signals.py",),
    "ref/common/streams.py": ("test_streams.py",),
    "ref/common/suggest.py": ("test_cli.py::test_a_near_miss_is_met_half_way",),
    "ref/common/times.py": ("test_times.py", "test_state.py"),
    "ref/data/data_sets.py": ("test_data.py", "test_reader_tf1.py", "test_large_sets.py", "test_state.py"),
    "ref/data/digits.py": ("test_sources.py",),
    "ref/data/directory.py": ("test_sources.py", "test_data.py"),
    "ref/data/download.py": ("test_download.py",),
    "ref/data/fetch.py": ("test_download.py",),
    "ref/data/idx.py": ("test_large_sets.py", "test_malformed.py", "test_idx_properties.py"),
    "ref/data/names.py": ("test_sources.py",),
    "ref/data/signatures.py": ("test_malformed.py",),
    "ref/data/sources.py": ("test_sources.py",),
    "ref/data/stream.py": ("test_malformed.py", "test_idx_properties.py"),
    "ref/engines/blocks.py": ("test_blocks.py", "test_engines.py"),
    **{
        f"ref/engines/{name}.py": ("test_engine_kinds.py", "test_engines.py")
        for name in ("cache", "draws", "fed", "forms", "loop", "phase2", "resident", "xla")
    },
}

# Tests that are of certain ports, but have no parameter that says so.
WITHOUT_NUMBER = {
    "test_kl_divergence": (13, 14),
    "test_kl_divergence_has_no_number_at_the_ends": (13, 14),
    "test_the_two_latent_losses_agree_where_gamma_is_log_sigma_squared": (15, 16),
    "test_the_linear_autoencoder_spans_the_plane_of_pca": (1,),
    "test_codings_are_drawn_as_the_listing_does": (1,),
    "test_an_epoch_of_1_is_an_iteration": (1,),
    "test_sparsity_loss_is_drawn_as_the_book_does": (13,),
    "test_freeze_moves_the_top_layer_alone": (5,),
    "test_fix_output_changes_the_second_autoencoder_alone": (6,),
    "test_the_stack_of_6_is_made_of_both_autoencoders": (6,),
    "test_adam_shares_its_step_count_between_phases": (7,),
    "test_the_cached_step_is_the_uncached_one": (8,),
    "test_port_runs_each_engine": (8,),
    "test_nothing_to_map_is_refused": (8,),
    "test_the_books_engine_is_the_listing": (8,),
    "test_freeze_moves_the_whole_top_layer_and_nothing_else": (5,),
    "test_pretrained_layers_are_those_of_eight": (5,),
    "test_output_of_the_second_autoencoder_is_under_elu_only_with_fix_output": (6,),
    "test_sparsity_loss_is_drawn_for_the_target_that_is_given": (13,),
}


class Selection:
    """A pytest plugin that keeps the tests that belong to a module: a port's, by its number, or the layers'."""

    def __init__(self, module: Path):
        match = re.search(r"autoencoder_(\d+)", module.name)
        self.number = int(match.group(1)) if match else None

    def pytest_collection_modifyitems(self, items: list) -> None:
        items[:] = [item for item in items if self.is_chosen(item)]

    def is_chosen(self, item) -> bool:
        parameters = item.callspec.params if hasattr(item, "callspec") else {}
        if parameters.get("name", "digits") != "digits":
            return False
        number = parameters.get("number", getattr(parameters.get("script"), "number", None))
        if self.number is None:  # layers
            return item.path.name == "test_layers.py" or (number in (1, 2, 6, 12) and item.path.name != "test_ports.py")
        if number is None:
            return self.number in WITHOUT_NUMBER.get(item.originalname, ())
        return number == self.number


def find_tests(module: Path) -> tuple[list[str], list[Selection]]:
    """Return what pytest is to be given for a mutant of ``module``: tests, and plugins that choose among them."""
    tests = TESTS.get(module.as_posix())
    plugins = [] if tests else [Selection(module)]
    return [f"tests/{name}" for name in tests or PORT_TESTS], plugins
