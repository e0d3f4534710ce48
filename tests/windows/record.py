"""Prints what the `venv` of the CPython that runs this makes on Windows: a part of trees.txt.

    for python in …/3.8.18/bin/python …; do $python -I tests/windows/record.py; done > tests/windows/trees.txt

Its own code does that, here: it is told that the system is Windows, and finds a base whose files hold their own
names, so that each copy tells what it is a copy of. pip, which needs a Python that runs, is left out."""

import os
import shutil
import sys
import tempfile

for name in 'asyncio json logging pathlib random shlex shutil subprocess tempfile threading types'.split():
    __import__(name)  # before the system becomes another one

MINOR = sys.version_info[1]
NUMBER = '3%d' % MINOR
PLAIN = ['python.exe', 'pythonw.exe', 'python3.dll', 'python%s.dll' % NUMBER, 'vcruntime140.dll',
         'vcruntime140_1.dll', 'other.dll', 'other.exe', 'LICENSE.txt']
DEBUG = ['python_d.exe', 'pythonw_d.exe', 'python3_d.dll', 'python%s_d.dll' % NUMBER]
THREADED = ['python3.%dt.exe' % MINOR, 'pythonw3.%dt.exe' % MINOR, 'python%st.dll' % NUMBER]
THREADED_DEBUG = ['python3.%dt_d.exe' % MINOR, 'pythonw3.%dt_d.exe' % MINOR, 'python%st_d.dll' % NUMBER]
# The names of launchers, as CPython's installers lay them out: PC/layout/main.py, Tools/msi.
LAUNCHERS = ['venvlauncher.exe', 'venvwlauncher.exe']
OLD_LAUNCHERS = ['python.exe', 'pythonw.exe']


def with_letters(names, letters):
    return [name.replace('.exe', letters + '.exe') for name in names]


def launchers(letters=''):
    """Those in scripts/nt: with the names of the interpreter until 3.12."""
    return with_letters(LAUNCHERS if MINOR >= 13 else OLD_LAUNCHERS, letters)


# name, files beside the executable, files in Lib/venv/scripts/nt, the executable, whether it is a build directory
BASES = [
    ('release', PLAIN, launchers(), 'python.exe', False),
    ('debug', PLAIN + DEBUG, launchers() + launchers('_d'), 'python_d.exe', False),
    ('embeddable', PLAIN, [], 'python.exe', False),
    ('build', PLAIN + LAUNCHERS, [], 'python.exe', True),
    ('debug build', PLAIN + DEBUG + with_letters(LAUNCHERS, '_d'), [], 'python_d.exe', True),
]
if MINOR >= 13:
    BASES += [
        ('free-threaded', PLAIN + THREADED, launchers() + launchers('t'), THREADED[0], False),
        ('free-threaded debug', PLAIN + DEBUG + THREADED + THREADED_DEBUG,
         launchers() + launchers('t') + launchers('t_d'), THREADED_DEBUG[0], False),
    ]
OPTIONS = [('--copies', {}), ('--symlinks', {'symlinks': True}), ('--symlinks, refused', {'symlinks': True}),
           ('--upgrade', {'upgrade': True})]
if MINOR >= 13:  # the command line's default; without, as with --without-scm-ignore-files
    OPTIONS += [('scm_ignore_files', {'scm_ignore_files': frozenset(['git'])})]


def lay_out_base(folder, files, in_nt):
    """The real venv of this version, and files that hold their own names."""
    package = os.path.join(folder, 'Lib', 'venv')
    real = os.path.join(os.path.dirname(os.__file__), 'venv')
    shutil.copytree(real, package, ignore=shutil.ignore_patterns('*.exe', '__pycache__'))
    nt = os.path.join(package, 'scripts', 'nt')
    os.makedirs(nt, exist_ok=True)  # installed on Windows alone
    for name in ('activate.bat', 'deactivate.bat'):
        with open(os.path.join(nt, name), 'w') as file:
            file.write('@rem any text\n')
    for names, where in ((files, folder), (in_nt, nt)):
        for name in names:
            with open(os.path.join(where, name), 'w') as file:
                file.write(os.path.relpath(os.path.join(where, name), folder))
    tcl = os.path.join(folder, 'tcl8.6')
    os.makedirs(tcl)
    with open(os.path.join(tcl, 'init.tcl'), 'w') as file:
        file.write('tcl8.6/init.tcl')


def venv_on_windows(folder, is_build, is_threaded):
    for name in [name for name in sys.modules if name.split('.')[0] in ('sysconfig', 'venv')]:
        del sys.modules[name]
    os.name, sys.platform = 'nt', 'win32'
    sys.path.insert(0, os.path.join(folder, 'Lib'))
    import sysconfig
    import venv
    assert venv.__file__.startswith(folder), venv.__file__
    sys._vpath, sysconfig._init_non_posix = '', lambda _: None  # what only a Windows could tell
    sysconfig.is_python_build = lambda *_: is_build
    sysconfig.get_config_var = lambda name: {'Py_GIL_DISABLED': int(is_threaded)}.get(name)
    if hasattr(venv.EnvBuilder, 'setup_scripts'):
        venv.logging.disable(venv.logging.CRITICAL)  # it tells of what it could not link
    return venv


def rows(env, base):
    """One for each interpreter and library, and one for all directories and one for all other files."""
    others = {'dir': [], 'file': []}
    for folder, directories, files in os.walk(env):
        for name in sorted(directories + files):
            whole = os.path.join(folder, name)
            path = os.path.relpath(whole, env)
            if os.path.islink(whole):
                yield 'link %s <- %s' % (path, os.path.relpath(os.readlink(whole), base))
                continue
            origin = '' if os.path.isdir(whole) else open(whole, encoding='utf-8').read()
            if origin and '\n' not in origin:
                yield 'copy %s <- %s' % (path, origin)
            else:
                others['file' if origin else 'dir'].append(path)
    for kind, paths in others.items():
        yield ' '.join([kind, *sorted(paths)])


def refuse(*_, **__):
    raise OSError('no links here')


def record(base, option):
    name, files, in_nt, executable, is_build = base
    with tempfile.TemporaryDirectory() as tmp:
        tmp = os.path.realpath(tmp)
        folder, env = os.path.join(tmp, 'Py'), os.path.join(tmp, 'env')
        lay_out_base(folder, files, in_nt)
        venv = venv_on_windows(folder, is_build, 'threaded' in name)
        sys._base_executable = sys.executable = os.path.join(folder, executable)
        link = os.symlink
        if option[0] == '--symlinks, refused':
            os.symlink = refuse
        try:
            venv.EnvBuilder(with_pip=False, **option[1]).create(env)
        finally:
            os.symlink = link
            sys.path.pop(0)
            os.name, sys.platform = 'posix', 'linux'
        print('=', option[0])
        for row in sorted(rows(env, folder)):
            print(row)


for each in BASES:
    print('# %d.%d.%d' % sys.version_info[:3], each[0])
    print('base', *sorted(each[1]))
    print('nt', *sorted(each[2]))
    for option in OPTIONS:
        record(each, option)
