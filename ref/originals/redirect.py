"""Have Python's and TensorFlow's functions that take paths ask ref.originals.places first. Python 3.7.

A script opens files in many ways, which come together in few: ``open``, the functions of ``os``, and the C++ functions
behind ``tf.gfile``. What hands a path to C++ itself, a Saver or a writer of events, is placed where it is called.
"""

import builtins
import functools
import io
import os
import pathlib
import shutil
import threading

READ, WRITE, REMOVE, CHECKPOINT = "read", "write", "remove", "find_checkpoint"
MAKE, DIRECTORY = "make", "write_directory"
OS_FUNCTIONS = {
    **dict.fromkeys(("stat", "lstat", "access", "listdir", "scandir", "readlink", "utime", "chmod"), (READ,)),
    **dict.fromkeys(("mkdir", "makedirs"), (MAKE,)),
    **dict.fromkeys(("remove", "unlink", "rmdir", "removedirs"), (REMOVE,)),
    **dict.fromkeys(("rename", "replace", "renames", "link", "symlink"), (READ, WRITE)),
    "walk": (READ,),
    "truncate": (WRITE,),
}
FILE_IO = {  # TensorFlow's C++ functions, by the names that its versions give them
    **dict.fromkeys(("FileExists", "GetChildren", "GetMatchingFiles", "IsDirectory", "Stat", "HasAtomicMove"), (READ,)),
    **dict.fromkeys(("BufferedInputStream", "CreateBufferedInputStream"), (READ,)),
    **dict.fromkeys(("RecordIterator", "PyRecordReader_New"), (READ,)),
    **dict.fromkeys(("WritableFile", "CreateWritableFile"), (WRITE,)),
    "CreateDir": (MAKE,),
    "RecursivelyCreateDir": (DIRECTORY,),
    **dict.fromkeys(("DeleteFile", "DeleteRecursively"), (REMOVE,)),
    **dict.fromkeys(("CopyFile", "RenameFile"), (READ, WRITE)),
}


class Redirection:
    """Functions in whose place stand others, which ask ``places`` where a path is."""

    def __init__(self, places):
        self._places = places
        self._inside = threading.local()  # where places itself looks at files, it sees them as they are

    def place(self, kind, path):
        """Return where ``path`` is for an operation of ``kind``."""
        if getattr(self._inside, "busy", False):
            return path
        self._inside.busy = True
        try:
            return getattr(self._places, kind)(path)
        finally:
            self._inside.busy = False

    def wrap(self, function, kinds, first=0, names=()):
        """Return ``function`` with its arguments from ``first`` on placed, each as ``kinds`` says.

        Of those that are called ``names`` also where they are given by keyword.
        """

        @functools.wraps(function, updated=())
        def placed(*args, **keywords):
            args = list(args)
            for index, kind in enumerate(kinds, first):
                if index < len(args):
                    args[index] = self.place(kind, args[index])
                    if args[index] is None and kind in (REMOVE, MAKE):
                        return None
            for name, kind in zip(names, kinds):
                if name in keywords:
                    keywords[name] = self.place(kind, keywords[name])
            return function(*args, **keywords)

        return placed

    def redirect_python(self):
        """Place what Python's own functions are given."""
        for name, kinds in OS_FUNCTIONS.items():
            if hasattr(os, name):
                setattr(os, name, self.wrap(getattr(os, name), kinds))
        shutil.rmtree = self.wrap(shutil.rmtree, (REMOVE,))
        os.chdir = self._make_chdir(os.chdir)
        os.open = self._make_os_open(os.open)
        accessor = getattr(pathlib, "_NormalAccessor", None)  # of Python 3.10 and older, which keeps functions of os
        for name in (*OS_FUNCTIONS, "open"):
            if hasattr(accessor, name):
                setattr(accessor, name, staticmethod(getattr(os, name)))
        builtins.open = io.open = self._make_open(io.open)
        from numpy.lib import _datasource

        _datasource._file_openers._file_openers[None] = io.open  # savetxt's, loadtxt's and genfromtxt's

    def _make_open(self, function):
        @functools.wraps(function)
        def placed(file, mode="r", *args, **keywords):
            writes = isinstance(mode, str) and any(letter in mode for letter in "wax")  # r+ changes what is there
            return function(self.place(WRITE if writes else READ, file), mode, *args, **keywords)

        return placed

    def _make_os_open(self, function):
        @functools.wraps(function)
        def placed(path, flags, *args, **keywords):
            writes = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
            if keywords.get("dir_fd") is None:
                path = self.place(WRITE if writes else READ, path)
            return function(path, flags, *args, **keywords)

        return placed

    def _make_chdir(self, function):
        @functools.wraps(function)
        def placed(path):
            place = self.place(READ, path)
            if isinstance(place, str) and not place.startswith(self._places.home) and os.path.isdir(place):
                self._places.read_from.insert(0, os.path.abspath(place))  # from there it may read; it writes at home
                return
            function(place)

        return placed

    def redirect_tensorflow(self, tf):
        """Place what ``tf``, TensorFlow 1.15's module or compat.v1 of another, is given, and hands to C++."""
        from tensorflow.python.data.ops import readers
        from tensorflow.python.lib.io import file_io, tf_record
        from tensorflow.python.summary.writer.event_file_writer import EventFileWriter

        for module in (file_io, tf_record):
            for name in ("_pywrap_file_io", "_pywrap_record_io", "pywrap_tensorflow"):
                if hasattr(module, name):
                    setattr(module, name, _Placed(getattr(module, name), self))
        make_dataset = readers._create_or_validate_filenames_dataset
        readers._create_or_validate_filenames_dataset = lambda names, *rest, **keywords: make_dataset(
            self._place_names(names), *rest, **keywords
        )
        produce = tf.train.string_input_producer
        tf.train.string_input_producer = lambda names, *rest, **keywords: produce(
            self._place_names(names), *rest, **keywords
        )
        tf.train.Saver.save = self._make_save(tf.train.Saver.save)
        self._wrap_member(tf.train.Saver, "restore", (CHECKPOINT,), 2)
        self._wrap_member(EventFileWriter, "__init__", (DIRECTORY,), 1)
        self._wrap_member(tf_record.TFRecordWriter, "__init__", (WRITE,), 1)
        self._wrap_member(tf.train, "NewCheckpointReader", (CHECKPOINT,), 0)

    def _place_names(self, names):
        """Return a name, or the names of a list, placed to be read; what is a tensor is what it is."""
        if isinstance(names, (list, tuple)):
            return [self.place(READ, name) for name in names]
        return self.place(READ, names) if isinstance(names, (str, bytes)) else names

    def _make_save(self, save):
        @functools.wraps(save)
        def placed(saver, sess, save_path, *args, **keywords):
            place = self.place(WRITE, save_path)
            saved = save(saver, sess, place, *args, **keywords)
            if saved and str(saved).startswith(str(place)):  # the script prints the path that it knows
                return str(save_path) + str(saved)[len(str(place)) :]
            return saved

        return placed

    def redirect_hdf5(self, h5py):
        """Place what h5py, which opens files in C, is given."""
        init = h5py.File.__init__

        def placed(file, name, mode="r", *args, **keywords):
            init(file, self.place(READ if mode == "r" else WRITE, name), mode, *args, **keywords)

        h5py.File.__init__ = functools.wraps(init)(placed)

    def _wrap_member(self, owner, name, kinds, first):
        """Replace a function of ``owner``; its path may be given by keyword, too."""
        function = getattr(owner, name)
        code = getattr(function, "__code__", None)
        names = code.co_varnames[first : first + len(kinds)] if code else ()
        setattr(owner, name, self.wrap(function, kinds, first, names))


class _Placed:
    """A module of TensorFlow's C++ functions, with those that take paths placed."""

    def __init__(self, module, redirection):
        self._module, self._redirection = module, redirection

    def __getattr__(self, name):
        value = getattr(self._module, name)
        if name in FILE_IO:
            value = self._redirection.wrap(value, FILE_IO[name])
        self.__dict__[name] = value
        return value
