"""Install pinned packages with pip, whatever pip's settings say but for how packages are reached: index, proxy, roots.

A user's pip.conf or PIP_* may say where else to install to, or what to leave out; nothing of that is for this checkout.
"""

import ast
import os
import re
import subprocess
import sys

from ref.common.cli import exit_codes
from ref.common.errors import BadInputError
from ref.common.flags import Parser

# pip's names of what it takes to reach packages behind a company's mirror, or without a network.
KEPT = {
    *("index-url", "extra-index-url", "find-links", "no-index", "trusted-host", "keyring-provider"),
    *("cert", "client-cert", "proxy", "timeout", "default-timeout", "retries"),
}


def make_environment(settings: str, environment: dict[str, str]) -> dict[str, str]:
    """Return ``environment`` with those settings of pip's, which ``pip config list`` printed, that are in KEPT."""
    kept = {name: value for name, value in environment.items() if not name.startswith("PIP_")}
    kept["PIP_CONFIG_FILE"] = os.devnull  # then pip reads no file of settings at all
    for key, value in re.findall(r"^(?:global|install|:env:)\.([\w-]+)=(.*)$", settings, re.MULTILINE):
        if key in KEPT:  # of several sections the last one counts, as in pip
            kept[f"PIP_{key.replace('-', '_').upper()}"] = " ".join(ast.literal_eval(value).split())
    return kept


def main(argv: list[str]) -> None:
    parser = Parser(prog="python -m scripts.install", description=__doc__.splitlines()[0])
    parser.add_argument("requirements", help="a file of pinned packages with their hashes")
    parser.add_argument("--python", default=sys.executable, help="where to install; default: %(default)s")
    parser.add_argument("--no-deps", action="store_true", help="nothing that the file does not name")
    parser.add_argument("--quiet", action="store_true")
    args = parser.parse_args(argv)
    pip = [args.python, "-I", "-m", "pip", "--disable-pip-version-check"]
    listed = subprocess.run([*pip, "config", "list"], capture_output=True, text=True)
    if listed.returncode:
        reason = (listed.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise BadInputError(f"pip config list: {reason}, expected settings that pip can read; mend pip.conf or PIP_*")
    command = [*pip, "install", "--no-cache-dir", "--require-hashes", "-r", args.requirements]
    command += ["--quiet"] * args.quiet + ["--no-deps"] * args.no_deps
    installed = subprocess.run(command, env=make_environment(listed.stdout, dict(os.environ)))
    if installed.returncode:
        raise BadInputError(
            f"{args.requirements}: pip could not install it (see above), expected every package with its hash; mend "
            "that, and run make again"
        )


if __name__ == "__main__":
    with exit_codes():
        main(sys.argv[1:])
