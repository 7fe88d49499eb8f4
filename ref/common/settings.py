"""What an interrupted run was called with: taken over by who goes on with it, and not to be changed."""

import argparse
from pathlib import Path

from ref.common.errors import BadInputError
from ref.common.files import read_json
from ref.common.generations import Generation

COMMON = ("data", "seed", "seeds", "device")
# The data's content is compared by its hashes; another device is said; what is logged changes no digit.
MAY_CHANGE = ("data", "device", "logdir", "log_every")


def take_over(parser: argparse.ArgumentParser, argv: list[str], name: str, recorded: dict) -> dict:
    """Return the arguments: those of ``recorded``, where ``argv`` gives none.

    Raises:
      BadInputError: ``argv`` gives others.
    """
    recorded = {key: tuple(value) if isinstance(value, list) else value for key, value in recorded.items()}
    parser.set_defaults(**recorded)
    args = vars(parser.parse_args(argv))
    epochs = args["epochs"]
    for key, before in recorded.items():
        found = tuple(args[key]) if isinstance(args[key], list) else args[key]
        if key in ("n_epochs", "n_iterations") and epochs is not None:
            found = (epochs,) * len(before) if isinstance(before, tuple) else epochs
        if found != before and key not in MAY_CHANGE:
            before = " ".join(map(str, before)) if isinstance(before, tuple) else before
            flag = "--epochs" if key in ("n_epochs", "n_iterations") and epochs is not None else f"--{key}"
            raise BadInputError(
                f"{name}: {flag.replace('_', '-')} is not what the run to go on with was called with ({before}), "
                "expected the same; leave the flag out, or run it anew without --resume"
            )
    return args


def find_finished(directory: Path) -> dict | None:
    """Return the result of a run that ended well in ``directory``, or None."""
    try:
        result = read_json(directory / "result.json")
        describe_finished(result)
        return result
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = f"has no {error}" if isinstance(error, KeyError) else error
        raise BadInputError(
            f"{directory / 'result.json'}: cannot be read ({reason}), expected a result or none; remove it"
        ) from error


def describe_finished(result: dict) -> dict:
    """Return what the run of ``result`` was called with, as ``take_over`` wants it."""
    return {"seed": result["seed"], "seeds": result.get("seeds", "tf1"), **result["hyper_parameters"]}


def describe_unfinished(generation: Generation) -> dict:
    """Return what the run of ``generation`` was called with, as ``take_over`` wants it."""
    return generation.state["arguments"]
