# Has the pip of this environment write scripts that find their Python beside themselves, so that the
# environment can be moved. `_venv_relocatable.pth` calls `find_spec` for what is imported of pip. Wraps
# what pip writes scripts by; where that isn't as it is known, pip writes what it always does.
import os
import sys

MAKERS = ('pip._vendor.distlib.scripts', 'pip._internal.operations.install.wheel', 'pip._internal.wheel')
LAUNCHER = '__VENV_LAUNCHER__'.encode()
IN_DIRECTORY = '<launcher_dir>\\'  # what a launcher on Windows takes for its own directory


def find_spec(name, path=None, target=None):
    if name not in MAKERS:
        return None
    from importlib.machinery import PathFinder
    spec = PathFinder.find_spec(name, path, target)
    if spec is not None and spec.loader is not None:
        wrap_loader(spec.loader, name)
    return spec


def wrap_loader(loader, name):
    way = 'exec_module' if hasattr(loader, 'exec_module') else 'load_module'  # zipimport, before 3.10
    load = getattr(loader, way)

    def load_and_wrap(module):
        result = load(module)
        wrap_makers(sys.modules[name])
        return result

    try:
        setattr(loader, way, load_and_wrap)
    except AttributeError:
        pass


def wrap_makers(module):
    maker = getattr(module, 'ScriptMaker', None)
    if getattr(maker, '__module__', None) == module.__name__ and callable(getattr(maker, 'make', None)):
        make = maker.make

        def make_relocatable(self, *arguments, **options):
            paths = make(self, *arguments, **options)
            for path in paths:
                try_to_relocate(path)
            return paths

        maker.make = make_relocatable
    fix = getattr(module, 'fix_script', None)  # of a wheel's own scripts; None or True: it was changed
    if callable(fix):

        def fix_and_relocate(path, *arguments):
            result = fix(path, *arguments)
            if result:
                try_to_relocate(path)
            return result

        module.fix_script = fix_and_relocate


def try_to_relocate(path):
    try:
        directory = os.path.join(sys.prefix, 'Scripts' if os.name == 'nt' else 'bin')
        if not os.path.samefile(os.path.dirname(path), directory):
            return  # of a --target or a --prefix
        with open(path, 'rb') as file:
            old = file.read()
        new = relocated(old)
        if new not in (None, old):
            with open(path, 'r+b') as file:
                file.write(new)
                file.truncate()
    except Exception:  # it runs as pip has written it
        pass


def relocated(script):
    if script[:2] == b'MZ':
        return relocated_program(script)
    first, _, rest = script.partition(b'\n')
    if os.name == 'nt' or first[:2] != b'#!' or b'from __future__ import' in rest:
        return None  # nothing but one docstring may precede that
    if first == b'#!/bin/sh' and rest.startswith(b"'''exec' "):
        rest = rest.partition(b"\n' '''\n")[2]
    elif not os.path.basename(first).startswith((b'python', b'pypy', b'graalpy')):
        return None
    line = rest.partition(b'\n')[0]
    if line[:1] == b'#' and b'coding' in line and b'utf-8' not in line.lower():  # of the first two lines
        return LAUNCHER.replace(b'\n', b'\n' + line + b'\n', 1) + rest
    return LAUNCHER + rest


def relocated_program(script):
    launcher, mark, rest = script.rpartition(b'#!')
    line, _, archive = rest.partition(b'\n')
    if not archive.startswith(b'PK') or IN_DIRECTORY.encode('utf-16-le') not in launcher:
        return None
    name = line.strip().strip(b'"').rpartition(b'\\')[2]
    return launcher + mark + IN_DIRECTORY.encode() + name + b'\n' + archive
