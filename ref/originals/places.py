"""Where what a script writes goes, and where it is read back from. Python 3.7; imports nothing of ours.

The script's working directory is OUT/NAME, so what it names relatively is there. Here the rest is placed: absolute
paths, Windows' (``D:/model/x.ckpt``, ``model\\x.ckpt``), and what climbs out (``../model``).
"""

import os
import posixpath
import re
import sys
import tempfile

DRIVE = re.compile(r"^[A-Za-z]:(?=[\\/]|$)")
URL = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]+://")


class Places:
    """Paths as the script says them, and as they are.

    Args:
      home: OUT/NAME, an absolute directory.
      read_from: directories in which a relative file that ``home`` does not have is looked for: the user's own.
      untouched: directories that libraries write to, where every path is itself.
      directories: of an earlier run: as the script says them, and where they are in home.
    """

    def __init__(self, home, read_from=(), untouched=(), directories=()):
        self.home = os.path.realpath(home)
        self.read_from = list(read_from)
        self._untouched = [os.path.realpath(path) for path in untouched if path]
        found = {said: os.path.join(self.home, place) for said, place in dict(directories).items()}
        self.directories = {said: place for said, place in found.items() if os.path.isdir(place)}
        self._removed = set()  # outside, which the script believes to have removed

    def write(self, path):
        """Return where the file ``path`` is to be written; the directory is there then."""
        place = self._translate(path, self._place)
        directory = os.path.dirname(place) if isinstance(place, (str, bytes)) else ""
        if directory and (place is not path or not os.path.isabs(place)):
            os.makedirs(directory, exist_ok=True)
        return place

    def make(self, path):
        """Return where the directory ``path`` is to be made; None where an earlier run left it there: it is made."""
        n_known = len(self.directories)
        place = self.write_directory(path)
        is_left = len(self.directories) > n_known and os.path.isdir(place)
        return None if is_left else place

    def write_directory(self, path):
        """Return where the directory ``path`` is, which may be there."""
        return self._translate(path, self._place_directory)

    def read(self, path):
        """Return where ``path`` is: in home where the script wrote it, or else where it says."""
        return self._translate(path, self._find)

    def remove(self, path):
        """Return where ``path`` is to be removed, or None where it is not the script's: it is then as if it were."""
        place = self._translate(path, self._find)
        if not isinstance(place, (str, bytes)) or not os.path.lexists(place):
            return place
        is_home = os.path.realpath(os.fsdecode(place)) == self.home  # which holds what else the script wrote
        if self._is_own(os.fsdecode(place)) and not is_home:
            return place
        said = self._normalize(os.fsdecode(path))[0]
        self._removed.add(said)
        self.directories.pop(said, None)
        return None

    def find_checkpoint(self, prefix):
        """Return the prefix of the checkpoint that ``prefix`` means: here, or what another script wrote beside."""
        return self._translate(prefix, lambda path: self._find(path, (".index", "", ".meta")))

    def _translate(self, path, place):
        """Return what ``place`` makes of a path of text; of its type, and ``path`` itself where that is the same."""
        if hasattr(path, "__fspath__"):
            path = path.__fspath__()
        if not isinstance(path, (str, bytes)):
            return path
        text = os.fsdecode(path)
        if not text or URL.match(text):
            return path
        placed = place(text)
        if placed is None or placed == text:
            return placed if placed is None else path
        return os.fsencode(placed) if isinstance(path, bytes) else placed

    def _is_own(self, path):
        path = os.path.realpath(path)
        return any(is_inside(path, root) for root in [self.home, *self._untouched])

    def _normalize(self, path):
        """Return ``path`` with slashes, and whether it leaves the home: absolute, of a drive, or climbing out."""
        if "\\" in path and not os.path.lexists(path):
            path = path.replace("\\", "/")
        drive = DRIVE.match(path)
        if drive:
            path = "/" + path[2:].lstrip("/")
        if not os.path.isabs(path):
            joined = os.path.normpath(os.path.join(os.getcwd(), path))
            return (path, False) if is_inside(joined, self.home) else (joined, True)
        return posixpath.normpath(path), bool(drive) or not self._is_own(path)

    def _place(self, path):
        """Return where a file is written: beside what else its directory holds."""
        path, leaves = self._normalize(path)
        if not leaves or path.startswith("/dev/"):
            return path
        directory, name = posixpath.split(path)
        return os.path.join(self._place_in(directory), name)

    def _place_in(self, directory):
        """Return the directory for files of ``directory``: the first is home itself, others are below it."""
        known = self._find_known(directory)
        if known is None:
            known = self.home if self.home not in self.directories.values() else self._make_name(directory)
            self.directories[directory] = known
        return known

    def _place_directory(self, path):
        path, leaves = self._normalize(path)
        if not leaves:
            return path
        path = posixpath.normpath(path)
        known = self._find_known(path)
        if known is None:
            known = self.directories[path] = self._make_name(path)
        return known

    def _make_name(self, directory):
        taken = set(self.directories.values())
        parts = [part for part in directory.split("/") if part] or ["root"]
        for n_parts in range(1, len(parts) + 1):
            place = os.path.join(self.home, *parts[-n_parts:])
            if place not in taken:
                return place
        return next(f"{place}-{n}" for n in range(2, len(taken) + 3) if f"{place}-{n}" not in taken)

    def _find_known(self, directory):
        """Return where ``directory`` is by what was placed before: itself, or one that it is in."""
        rest = []
        while True:
            if directory in self.directories and (directory != "/" or len(rest) < 2):
                return os.path.join(self.directories[directory], *reversed(rest))
            parent, name = posixpath.split(directory)
            if parent == directory:
                return None
            directory = parent
            rest.append(name)

    def _find(self, path, endings=("",)):
        def is_there(place):
            return any(os.path.lexists(place + ending) for ending in endings)

        said = path
        path, leaves = self._normalize(path)
        if not leaves:
            candidates = [path] + [os.path.join(root, path) for root in self.read_from if not os.path.isabs(path)]
            found = next(filter(is_there, candidates), None)
            return found or self._find_beside(path, endings, path)
        known = self._find_known(path)
        if known is not None and is_there(known):
            return known
        if os.path.abspath(path) in self._removed or any(is_inside(path, root) for root in self._removed):
            return known or os.path.join(self.home, os.path.basename(path))
        if is_there(path) and not DRIVE.match(said):
            return path
        return self._find_beside(path, endings, known or path)

    def _find_beside(self, path, endings, otherwise):
        """Return where an earlier run left ``path``; a checkpoint that is named may be of a script beside it in OUT."""
        parts = [part for part in path.split("/") if part not in ("", ".", "..")]
        homes = [self.home] + (self._list_siblings() if len(endings) > 1 else [])
        for home in homes:
            for start in range(len(parts)):
                place = os.path.join(home, *parts[start:])
                if any(os.path.isfile(place + ending) for ending in endings):
                    return place
        return otherwise

    def _list_siblings(self):
        out = os.path.dirname(self.home)
        homes = [os.path.join(out, name) for name in sorted(os.listdir(out))]
        return [home for home in homes if home != self.home and os.path.isfile(home + "/result.json")]


def is_inside(path, root):
    """Return whether ``path`` is ``root`` or in it."""
    return path == root or path.startswith(root.rstrip("/") + "/")


def list_untouched():
    """Return where libraries of this process keep their own files: packages, caches, temporary files."""
    environ = os.environ
    roots = [sys.prefix, sys.base_prefix, sys.exec_prefix, tempfile.gettempdir(), "/proc", "/sys"]
    return roots + [environ[name] for name in ("MPLCONFIGDIR", "KERAS_HOME", "XDG_CACHE_HOME") if environ.get(name)]
