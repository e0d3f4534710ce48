"""Where a case happens: a directory of its own with a home, a cache, an environment's place; the
programs and Pythons that all cases use; what is there before and what must be there after."""

import os
import pathlib
import re
import signal
import subprocess

import machine
from . import trees

# Tells whether bytecode is that of its source. Its bytes don't: they depend on who compiled it, by the path in it and by
# what else that process had imported.
COMPILED = '''
import marshal, os, sys
from importlib.util import MAGIC_NUMBER, source_from_cache
for path in sys.argv[1:]:
    with open(path, 'rb') as compiled, open(source_from_cache(path), 'rb') as source:
        header, code, status = compiled.read(16), compiled.read(), os.stat(source.fileno())
        wanted = MAGIC_NUMBER + bytes(4) + int(status.st_mtime).to_bytes(4, 'little') + status.st_size.to_bytes(4, 'little')
        if header != wanted or marshal.loads(code) != compile(source.read(), path, 'exec', dont_inherit=True):
            sys.exit('bytecode is not that of its source: ' + path)
'''

OTHER = 1000  # a user who is not root


class Tools:
    """Set once, before the workers begin."""
    program = subclass = inject = threads = None
    base = second = alone = None  # Pythons: newest, another minor version, one with ensurepip alone
    paths = {}                    # of files that options name
    scratch = None
    missing = []                  # what this machine lacks


class Result:
    def __init__(self, code, out, err, call='', path='', calls=0):
        self.code, self.out, self.err = code, out, err
        self.call, self.path, self.calls = call, path, calls

    @property
    def killed(self):
        return self.code in (-signal.SIGKILL, 128 + signal.SIGKILL)

    def brief(self):
        said = ' | '.join(self.err.strip().splitlines()[:2])
        return 'exit code %s: %s' % (self.code, said[:300])


PACKAGES = ('--offline', '--wheel-dir', '{wheels}', '-r')

# name: (what is there before, whether it holds pip afterwards, options); None: it is there no more. Of those that
# begin with 'first' nothing is remembered yet.
SCENARIOS = {
    'new': (None, False, ('--without-pip',)),
    'new-copies': (None, False, ('--without-pip', '--copies')),
    'new-pip': (None, True, ()),
    'new-ensurepip': (None, True, ()),
    'first-pip': (None, True, ()),
    'first-packages': (None, True, (*PACKAGES, '{wanted}')),
    'reused': ('plain', False, ('--without-pip', '--prompt', 'x')),
    'reused-pip': ('pip', True, ('--prompt', 'x')),
    'reused-copies': ('plain', False, ('--without-pip', '--copies')),
    'older-pip': ('older pip', True, ()),
    'half-pip': ('half pip', True, ()),
    'replaced': ('other plain', False, ('--without-pip',)),
    'replaced-pip': ('other pip', True, ()),
    'upgraded': ('other plain', False, ('--upgrade', '--without-pip')),
    'upgraded-pip': ('pip', True, ('--upgrade',)),
    'cleared': ('plain', False, ('--clear', '--without-pip')),
    'cleared-pip': ('pip', True, ('--clear',)),
    'sites': ('plain', True, ('--system-site-packages',)),
    'ensurepip': ('plain', True, ()),
    'new-packages': (None, True, (*PACKAGES, '{wanted}')),
    'ensured': (None, True, ('--ensure', *PACKAGES, '{wanted}')),
    'ensured-newer': ('packages', True, ('--ensure', *PACKAGES, '{wanted}')),
    'ensured-mended': ('half packages', True, ('--ensure', *PACKAGES, '{former}')),
    'ensured-shared': ('packages', True, ('--ensure', '--link-mode', 'hardlink', *PACKAGES, '{wanted}')),
    'uninstalled': ('packages', True, ('--uninstall', 'demo')),
    'removed': ('packages', None, ('--remove',)),
}

TEMPLATES = {
    'plain': ('base', ('--without-pip',)),
    'pip': ('base', ()),
    'older pip': ('base', ('--pip-wheel-dir', '{older}')),
    'half pip': ('base', ()),
    'other plain': ('second', ('--without-pip',)),
    'other pip': ('second', ()),
    'packages': ('base', (*PACKAGES, '{former}')),
    'half packages': ('base', (*PACKAGES, '{former}')),
}


class World:
    """One worker's."""

    def __init__(self, folder):
        self.folder = str(folder)
        self.above = os.path.join(self.folder, 'made "above"')
        self.env = os.path.join(self.above, 'env ü')
        self.home = os.path.join(self.folder, 'home')
        self.cache = os.path.join(self.home, '.cache')
        self.temporary = os.path.join(self.folder, 'tmp')
        self.stored = os.path.join(self.folder, 'templates')
        for path in (self.home, self.temporary, self.stored):
            os.makedirs(path)
        self.templates = set()
        self.expectations = {}
        self.calls = {}
        self.count = 0
        self.program = None       # Tools.program unless it is another
        self.shows_early = False  # it lets an environment be seen before it is finished
        self.environment = {
            'PATH': machine.PATH, 'LANG': 'C.UTF-8', 'HOME': self.home,
            'XDG_CACHE_HOME': self.cache, 'TMPDIR': self.temporary,
            'PYENV_ROOT': str(machine.PYENV), 'PIP_DISABLE_PIP_VERSION_CHECK': '1',
            'PIP_NO_INDEX': '1', 'PYTHONDONTWRITEBYTECODE': '1'}

    # -- running --

    def run(self, words, timeout=180, **options):
        options.setdefault('env', self.environment)
        options.setdefault('cwd', '/')
        try:
            done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, timeout=timeout, **options)
        except subprocess.TimeoutExpired:
            return Result(-99, '', 'it hangs')
        return Result(done.returncode, done.stdout.decode('utf-8', 'replace'),
                      done.stderr.decode('utf-8', 'replace'))

    def command(self, scenario, python=None, env=None):
        options = SCENARIOS[scenario][2] if isinstance(scenario, str) else scenario
        options = [word.format(**Tools.paths) if word.startswith('{') else word for word in options]
        if python is None:
            python = Tools.alone if 'ensurepip' in scenario else Tools.base
        if '--remove' not in options and '--uninstall' not in options:
            options[:0] = ['--python', python]
        return [self.program or Tools.program, *options, env or self.env]

    def inject(self, at, what, command, scope='ours', **options):
        """Runs a command whose `at`-th call ends as `what` says: 'kill' or an error's number."""
        out = os.path.join(self.folder, 'call')
        if os.path.lexists(out):
            os.unlink(out)
        result = self.run([Tools.inject, out, scope, str(at), str(what), *command], **options)
        try:
            with open(out, encoding='utf-8', errors='replace') as file:
                count, result.call, result.path = file.read().rstrip('\n').split(' ', 2)
            result.calls = int(count)
        except (OSError, ValueError):
            pass
        if result.code == 125 and 'inject: ' in result.err:
            raise RuntimeError(result.err)
        return result

    # -- before --

    def wipe(self, path=None):
        path = path or self.above
        if os.path.lexists(path):
            subprocess.run(['rm', '-rf', path], stderr=subprocess.DEVNULL)

    def template(self, name):
        """What is there before, made once and kept; it knows that it lies at `env`."""
        stored = os.path.join(self.stored, name)
        if name in self.templates:
            return stored
        self.wipe()
        python, options = TEMPLATES[name]
        done = self.run(self.command(options, getattr(Tools, python)))
        if done.code != 0:
            raise RuntimeError('cannot make the template %r: %s' % (name, done.brief()))
        if name == 'half pip':
            for path in pathlib.Path(self.env).glob('lib/python*/site-packages/pip/_internal/*.py'):
                path.unlink()
        if name == 'half packages':
            for path in pathlib.Path(self.env).glob('lib/python*/site-packages/demo/more/*.py'):
                path.unlink()
        decorate(pathlib.Path(self.env))
        subprocess.check_call(['cp', '-a', self.above, stored])
        self.templates.add(name)
        return stored

    def prepare(self, scenario):
        """Puts there what is there before. The tree."""
        name = SCENARIOS[scenario][0]
        stored = name and self.template(name)
        self.wipe()
        if scenario.startswith('first-'):
            self.wipe(self.cache)
        if stored:
            subprocess.check_call(['cp', '-a', stored, self.above])
        return trees.tree(self.above)

    def expected(self, scenario):
        """What an undisturbed run makes of that."""
        if scenario not in self.expectations:
            for _ in range(2):  # the first may remember something
                self.prepare(scenario)
                done = self.run(self.command(scenario))
                if done.code != 0:
                    raise RuntimeError('%s fails undisturbed: %s' % (scenario, done.brief()))
            fault = self.fault_of_run(scenario)
            if fault:
                raise RuntimeError('%s, undisturbed: %s' % (scenario, fault))
            self.expectations[scenario] = trees.tree(self.above)
        return self.expectations[scenario]

    def calls_of(self, scenario):
        """How many calls it makes, undisturbed."""
        if scenario not in self.calls:
            self.expected(scenario)
            self.prepare(scenario)
            self.calls[scenario] = self.inject(0, 'kill', self.command(scenario)).calls
        return self.calls[scenario]

    # -- after --

    def fault_of_python(self, pip, env=None, **options):
        """How Python or pip don't work there; None where they do."""
        env = env or self.env
        said = self.run([env + '/bin/python', '-c', 'import sys; print(sys.prefix)'], **options)
        if said.code != 0 or os.path.realpath(said.out.strip()) != os.path.realpath(env):
            return 'python does not work: %s %s' % (said.out.strip(), said.brief())
        if pip:
            said = self.run([env + '/bin/python', '-m', 'pip', '--version'], **options)
            if said.code != 0:
                return 'pip does not work: ' + said.brief()
        return None

    def fault_of_result(self, scenario, tree=None):
        """How what lies there isn't what an undisturbed run makes; None where it is. Python itself is
        started for some of the cases: that all files are right means that it works."""
        fault = self.fault_of_tree(scenario, tree or trees.tree(self.above))
        self.count += 1
        if not fault and self.count % 40 == 0:
            fault = self.fault_of_run(scenario)
        return fault

    def fault_of_tree(self, scenario, found, with_owners=True, seen=dict):
        """How it isn't what an undisturbed run makes, but for who compiled its bytecode; None where it is. Of both
        trees, as they are `seen`."""
        expected, found = seen(self.expected_or(scenario)), seen(found)
        compiled = [name for name in found if name.endswith('.pyc') and found[name][0] != expected.get(name, found[name])[0]]
        if compiled:
            paths = [os.path.join(self.above, name) for name in compiled]
            done = self.run([Tools.base, '-I', '-S', '-W', 'ignore', '-c', COMPILED, *paths])
            if done.code != 0:
                return done.err.strip()
            expected = {**expected, **{name: (found[name][0], expected[name][1]) for name in compiled}}
        return trees.disagreement(expected, found, with_owners)

    def fault_of_run(self, scenario):
        """How nothing runs of what has been made; None where it does, or is removed."""
        pip = SCENARIOS[scenario][1]
        return None if pip is None else self.fault_of_python(pip)

    def expected_or(self, scenario):
        if scenario not in self.expectations:
            raise RuntimeError('ask for `expected` before the case')
        return self.expectations[scenario]

    def fault_of_message(self, result):
        """How the words of a failure aren't one line with purpose and path; None where they are."""
        if result.code != 1:
            return result.brief()
        lines = result.err.splitlines()
        errors = [line for line in lines if line.startswith('Error: ')]
        others = [line for line in lines if not re.match('Error: |Warning: |Hint: ', line)]
        if len(errors) != 1 or (others and not errors):
            return 'says %r' % result.err[:300]
        if re.search(r'venv\.hpp-(\d|journal/)', errors[0]):
            return 'names a file of ours: ' + errors[0]
        if not re.search(r"Error: [^/']+ ['/].*/", errors[0]) and '/' not in errors[0]:
            return 'names no path: ' + errors[0]
        return None

    def fault_outside(self):
        """What was left where nothing was to be; None where nothing was."""
        found = os.listdir(self.temporary)
        if found:
            self.wipe(self.temporary)
            os.mkdir(self.temporary)
            return 'left in TMPDIR: ' + trees.names_of(found)
        known = {'home', 'tmp', 'templates', 'call', os.path.basename(self.above)}
        found = [name for name in os.listdir(self.folder) if name not in known]
        for name in found:
            self.wipe(os.path.join(self.folder, name))
        if found:
            return 'left beside: ' + trees.names_of(found)
        found = [name for name in os.listdir(self.home) if name != '.cache']
        return 'left in HOME: ' + trees.names_of(found) if found else None


def decorate(env):
    """What users have in theirs, and what a rollback may lose."""
    (env / 'mine').mkdir()
    (env / 'mine' / 'notes ü').write_text('mine\n')
    os.link(env / 'mine' / 'notes ü', env / 'mine' / 'the same')
    (env / 'mine' / 'link').symlink_to('/nonexistent/target')
    (env / 'bin' / 'tool').write_text('#!/bin/sh\n')
    (env / 'bin' / 'tool').chmod(0o750)
    with open(env / 'pyvenv.cfg', 'a') as file:
        file.write('custom = keep\n')
    (env / 'bin' / 'activate.csh').chmod(0o664)
    os.link(env / 'bin' / 'activate.fish', env / 'mine' / 'fish')
    try:
        os.setxattr(env / 'bin' / 'activate', 'user.note', b'mine')
        os.setxattr(env / 'pyvenv.cfg', 'user.note', b'mine')
    except OSError:
        pass
    if os.geteuid() == 0:
        for path in (env / 'pyvenv.cfg', env / 'bin' / 'activate', env / 'mine',
                     env / 'bin' / 'python'):
            os.chown(path, OTHER, OTHER, follow_symlinks=False)
    old = 1600000000
    for path in (env / 'pyvenv.cfg', env / 'bin' / 'activate', env / 'mine' / 'notes ü',
                 env / 'bin' / 'tool'):
        os.utime(path, (old, old))
