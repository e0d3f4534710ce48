"""What compares wheels laid out by the library with the same laid out by pip: both in copies of one
environment, one after the other at the same path."""

import csv
import hashlib
import io
import os
import shutil
import stat

from machine import BUILD, run

NATIVE = os.environ.get('VENV_NATIVE') or str(BUILD / 'bin' / 'pip_native')

# Wheels that people use, of every kind: pure, compiled, for the stable ABI, with programs alone, with
# headers, data and scripts, namespace packages, names of odd case. The first are a module's; all are a
# campaign's (compare_wheels.py).
FEW = ('requests six idna certifi PyYAML MarkupSafe Jinja2 greenlet numpy attrs black protobuf cryptography '
       'jupyterlab-widgets notebook-shim zope.interface Pygments setuptools wheel pytz ruamel.yaml '
       'backports.tarfile google-api-core argcomplete').split()
MANY = FEW + (
    'boto3 botocore urllib3 charset-normalizer typing-extensions python-dateutil s3transfer jmespath packaging cffi '
    'pycparser pydantic pydantic-core click colorama pandas tomli importlib-metadata zipp filelock platformdirs '
    'virtualenv rsa pyasn1 pyasn1-modules google-auth googleapis-common-protos wrapt jsonschema rpds-py referencing '
    'aiohttp aiosignal frozenlist multidict yarl propcache async-timeout anyio sniffio h11 httpx httpcore psutil '
    'pytest pluggy iniconfig scipy SQLAlchemy Flask Werkzeug itsdangerous blinker tqdm fsspec decorator '
    'more-itertools lxml pillow beautifulsoup4 soupsieve tabulate docutils Sphinx alabaster imagesize snowballstemmer '
    'sphinxcontrib-applehelp sphinxcontrib-serializinghtml coverage PyJWT oauthlib requests-oauthlib msgpack '
    'grpcio redis websockets uvicorn fastapi starlette python-dotenv rich markdown-it-py mdurl Mako alembic '
    'asn1crypto bcrypt PyNaCl paramiko Django asgiref sqlparse djangorestframework gunicorn isort mypy '
    'mypy-extensions flake8 pyflakes pycodestyle mccabe pylint astroid dill toml tomlkit poetry-core build '
    'pyproject-hooks hatchling pathspec trove-classifiers editables setuptools-scm cachetools docker websocket-client '
    'distro distlib identify nodeenv cfgv pre-commit networkx sympy mpmath joblib threadpoolctl scikit-learn '
    'matplotlib contourpy cycler fonttools kiwisolver pyparsing ipython traitlets jedi parso prompt-toolkit wcwidth '
    'pexpect ptyprocess matplotlib-inline stack-data executing asttokens pure-eval notebook jupyter-core '
    'jupyter-client nbformat nbconvert ipykernel pyzmq tornado debugpy ruff uv cmake ninja pybind11 Cython meson '
    'yapf autopep8 pipx tox nox hypothesis sortedcontainers orjson regex simplejson ujson lz4 zstandard gevent '
    'zope.event dnspython email-validator Babel tzdata humanize arrow pendulum openpyxl et-xmlfile XlsxWriter '
    'PyMySQL psycopg2-binary pymongo h5py tables numba llvmlite pywin32-ctypes keyring SecretStorage jeepney '
    'twine readme-renderer nh3 id jaraco.classes jaraco.functools jaraco.context backports.zoneinfo '
    'google-cloud-core google-cloud-storage google-crc32c azure-core azure-identity msal '
    'opentelemetry-api opentelemetry-sdk Markdown mkdocs watchdog ghp-import babel PyQt5-sip').split()


def snapshot(directory):
    """Every entry with its kind, mode and bytes; of bytecode its existence and its header but for the
    time, as marshal's bytes say how often an object was used; of RECORD its lines in their order."""
    found = {}
    for path in sorted(directory.rglob('*')):
        name, status = str(path.relative_to(directory)), path.lstat()
        if stat.S_ISLNK(status.st_mode):
            found[name] = 'link ' + os.readlink(path)
        elif stat.S_ISDIR(status.st_mode):
            found[name] = 'directory %o' % status.st_mode
        elif name.endswith('.pyc'):
            data = path.read_bytes()
            found[name] = 'bytecode %o %s' % (status.st_mode, (data[:8] + data[12:16]).hex())
        elif name.endswith('.dist-info/RECORD'):
            found[name] = ('record %o' % status.st_mode, *path.read_bytes().split(b'\r\n'))
        else:
            found[name] = 'file %o %s' % (status.st_mode, hashlib.sha256(path.read_bytes()).hexdigest())
    return found


def normal(name):
    return name.lower().replace('_', '-').replace('.', '-')


def differences(pip, ours, most=12):
    lines = []
    for name in sorted(set(pip) | set(ours)):
        a, b = pip.get(name), ours.get(name)
        if a != b and isinstance(a, tuple) and isinstance(b, tuple):
            lines += ['%s: only pip has %r' % (name, row) for row in a if row not in b]
            lines += ['%s: only ours has %r' % (name, row) for row in b if row not in a]
            if sorted(map(str, a)) == sorted(map(str, b)):
                lines.append('%s: another order' % name)
        elif a != b:
            lines.append('%s: pip %s, ours %s' % (name, a, b))
    return lines[:most]


def top_modules(record):
    """What of an installed wheel can be imported."""
    names = set()
    for row in csv.reader(io.StringIO(record.read_bytes().decode('utf-8'))):
        parts = row[0].split('/')
        if len(parts) == 1 and row[0].endswith('.py'):
            names.add(row[0][:-3])
        elif len(parts) > 1 and parts[-1] == '__init__.py':
            names.add('.'.join(parts[:-1]))
    names = sorted(name for name in names if all(part.isidentifier() for part in name.split('.')))
    return [name for name in names if name.count('.') < 2][:8]


# What an import comes to, also where something that is required isn't there.
IMPORT = '''
import sys
for name in sys.argv[1:]:
    try:
        module = __import__(name)
        print(name, 'imported', getattr(module, '__file__', None))
    except BaseException as error:
        print(name, type(error).__name__, str(error)[:200])
'''


class Both:
    """One environment, made once, and copies of it, all at the same path."""

    def __init__(self, python, folder, environment):
        self.python, self.environment = python, environment
        self.env_dir, self.seed = folder / 'env', folder / 'seed'
        self.must('venv', [python, '-m', 'venv', self.env_dir])
        shutil.move(self.env_dir, self.seed)

    def must(self, what, arguments, **options):
        done = run(list(map(os.fspath, arguments)), env=self.environment, **options)
        if done.code:
            raise AssertionError('%s failed: %s' % (what, done))
        return done.out

    def fresh(self):
        shutil.rmtree(self.env_dir, ignore_errors=True)
        shutil.copytree(self.seed, self.env_dir, symlinks=True)

    def pip(self, *arguments):
        return self.must('pip', [self.env_dir / 'bin' / 'python', '-m', 'pip', *arguments])

    def by_pip(self, wheels):
        """As pip does it: found by name in a directory, each step of several wheels one after the other."""
        self.fresh()
        for wheel in wheels:
            self.pip('install', '-q', '--no-deps', '--no-index', '--no-warn-script-location', '--upgrade',
                     '--find-links', wheel.parent, wheel.name.split('-')[0])
        return snapshot(self.env_dir)

    def by_us(self, wheels):
        self.fresh()
        for wheel in wheels:
            self.must('native', [NATIVE, 'lay', self.env_dir, wheel])
        return snapshot(self.env_dir)

    def compare(self, *wheels):
        """What differs. Each wheel lies in a directory of its own. Ours is there afterwards."""
        pip, by_pip = self.by_pip(wheels), self.imports()
        ours, by_us = self.by_us(wheels), self.imports()
        found = differences(pip, ours)
        if by_pip != by_us:
            found.append('imports: pip %s, ours %s' % (by_pip, by_us))
        return found

    def imports(self):
        """What comes of importing what the last wheel brings."""
        records = [record for record in self.env_dir.glob('lib*/*/site-packages/*.dist-info/RECORD')
                   if not list(self.seed.glob('lib*/*/site-packages/%s' % record.parent.name))]
        names = sorted({name for record in records for name in top_modules(record)})
        done = run([str(self.env_dir / 'bin' / 'python'), '-B', '-W', 'ignore', '-c', IMPORT, *names],
                   env=self.environment, timeout=300)
        return done.code, [line for line in done.out.splitlines() if ' at 0x' not in line]

    def compare_all(self, wheels, folder):
        """The same for several wheels of one directory, by one start of pip. Then what pip finds when it lists
        and checks what we have made, and what is left when it has removed that."""
        names = [wheel.name.split('-')[0] for wheel in wheels]
        self.fresh()
        self.pip('install', '-q', '--no-deps', '--no-index', '--no-warn-script-location', '--upgrade', '--find-links', folder,
                 *names)
        pip, by_pip, checked = snapshot(self.env_dir), self.imports(), self.check()
        found = []
        for state in ('at first', 'from what is remembered'):
            self.fresh()
            self.must('native', [NATIVE, 'lay', self.env_dir, *wheels])
            ours = snapshot(self.env_dir)
            found += ['%s: %s' % (state, line) for line in differences(pip, ours)]
        by_us = self.imports()
        if by_pip != by_us:
            found.append('imports: pip %s, ours %s' % (by_pip, by_us))
        if self.check() != checked:
            found.append('pip check: %s, ours %s' % (checked, self.check()))
        listed = normal(self.pip('list', '--format=freeze'))
        found += ['pip lists no ' + name for name in names if normal(name) + '==' not in listed]
        self.pip('uninstall', '-q', '-y', *names)
        kept = snapshot(self.seed)  # pip leaves some directories empty
        return found + ['left over: ' + name for name, what in snapshot(self.env_dir).items()
                        if name not in kept and not str(what).startswith('directory')]

    def check(self):
        return sorted(run([str(self.env_dir / 'bin' / 'python'), '-m', 'pip', 'check'],
                          env=self.environment).out.splitlines())
