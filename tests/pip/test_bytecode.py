"""The base Python's own bytecode of pip: taken where it is that of the very same modules, else made."""

import marshal
import os
import pathlib
import re
import shutil
import subprocess

from machine import need_pyenv
from support import (Case, bundled_wheel, bytecode_of, has_setuptools, pythons,
                     site_packages_of)

SAME_CODE = r'''
import importlib.util, marshal, os, sys
size = 16 if sys.version_info >= (3, 7) else 12
for folder, _, names in os.walk(sys.argv[1]):
    for name in names:
        path = os.path.join(folder, name)
        compiled = importlib.util.cache_from_source(path, optimization='')
        if not name.endswith('.py') or not os.path.exists(compiled):
            continue
        with open(path, 'rb') as file:
            source = file.read()
        with open(compiled, 'rb') as file:
            data = file.read()
        status = os.stat(path)
        ends = b''.join((n & 0xFFFFFFFF).to_bytes(4, 'little') for n in (int(status.st_mtime), status.st_size))
        assert data[:4] == importlib.util.MAGIC_NUMBER, path
        assert data[size - 8:size] == ends, path
        assert marshal.loads(data[size:]) == compile(source, path, 'exec', dont_inherit=True), path
        print(path)
'''


def base_site_packages(python):
    code = 'import os; print(os.path.join(os.path.dirname(os.__file__), "site-packages"))'
    return pathlib.Path(subprocess.check_output([python.path, '-I', '-S', '-c', code], text=True).strip())


def has_own_pip(python):
    """Whether the base has the pip that it bundles, compiled."""
    version = re.match(r'pip-([^-]+)-', bundled_wheel(python).name).group(1)
    site_packages = base_site_packages(python)
    return ((site_packages / ('pip-%s.dist-info' % version)).is_dir()
            and any((site_packages / 'pip').rglob('*.pyc')))


class Bytecode(Case):
    prefix = 'venv-bytecode-'

    def with_own_pip(self):
        return need_pyenv([p for p in pythons() if has_own_pip(p)], 'a Python with the pip that it bundles, compiled')

    def said(self, python, *options, **how):
        """What is said of a new environment without a memory, and the environment."""
        env_dir = self.tmp / ('env-%d' % len(list(self.tmp.glob('env-*'))))
        result = self.venv('--verbose', '--no-cache', '--python', python, *options, env_dir, **how)
        self.assertEqual(result.code, 0, str(result))
        return result.out + result.err, env_dir

    def test_is_that_of_the_sources_and_starts_nothing_more(self):
        for python in self.with_own_pip():
            with self.subTest(str(python)):
                env_dir = self.tmp / python.name
                result, started = self.traced('--no-cache', '--python', python.path, env_dir)
                self.assertEqual(result.code, 0, str(result))
                if not has_setuptools(python):
                    self.assertEqual(len(started), 1, started)  # it is asked what it is
                code = self.succeed(python.path, '-I', '-W', 'ignore', '-c', SAME_CODE, site_packages_of(env_dir) / 'pip')
                compiled = list((site_packages_of(env_dir) / 'pip').rglob('*.pyc'))
                self.assertEqual(len(code.out.splitlines()), len(compiled))
                self.assertGreater(len(compiled), 200)
                before = bytecode_of(env_dir)
                self.succeed('env', '-u', 'PYTHONDONTWRITEBYTECODE', env_dir / 'bin' / 'pip', '--version')
                self.assertEqual(bytecode_of(env_dir), before)
                self.assert_works(env_dir)
                # Messages name the environment's files, not the base's.
                shown = self.succeed(env_dir / 'bin' / 'python', '-c',
                                     'import pip._internal.cli.main as m; print(m.main.__code__.co_filename)').out
                self.assertTrue(shown.startswith(str(env_dir)), shown)

    def base(self):
        """A base of its own whose pip may be changed: a copy of the interpreter, links to the library."""
        python = self.with_own_pip()[-1]
        stdlib = base_site_packages(python).parent
        prefix = self.tmp / 'base'
        own = prefix / 'lib' / stdlib.name
        own.mkdir(parents=True)
        for path in stdlib.iterdir():
            if path.name != 'site-packages':
                (own / path.name).symlink_to(path)
        for library in stdlib.parent.glob('libpython*'):
            (prefix / 'lib' / library.name).symlink_to(library)
        for path in (stdlib / 'site-packages').glob('pip*'):
            shutil.copytree(path, own / 'site-packages' / path.name)  # with its times
        (prefix / 'bin').mkdir()
        shutil.copy(os.path.realpath(python.path), prefix / 'bin' / python.name)
        return prefix / 'bin' / python.name, own / 'site-packages'

    def assert_right(self, env_dir, path):
        """All modules have the bytecode of their own source; that of `path` was compiled anew."""
        result = self.succeed(env_dir / 'bin' / 'python', '-I', '-W', 'ignore', '-c', SAME_CODE,
                              site_packages_of(env_dir) / 'pip')
        self.assertIn(path, result.out)
        self.assert_works(env_dir)

    def test_what_is_not_valid_is_compiled(self):
        python, site_packages = self.base()
        self.assertNotIn('compiling', self.said(python)[0])
        module = site_packages / 'pip' / '__init__.py'
        compiled, = (module.parent / '__pycache__').glob('__init__.*.pyc')
        first, second = module.read_bytes(), compiled.read_bytes()
        times = (module.stat().st_atime_ns, module.stat().st_mtime_ns)

        def touched():
            os.utime(module, (1, 1))

        def edited():
            # With the size and time of before: its bytecode says it is valid.
            module.write_bytes(first.replace(b'def main', b'def mian'))
            os.utime(module, ns=times)
            code = marshal.dumps(compile('raise SystemExit(7)', 'x', 'exec'))
            compiled.write_bytes(second[:16] + code)

        def longer():
            module.write_bytes(first + b'#\n')

        def of_another_python():
            compiled.write_bytes(b'\0\0\r\n' + second[4:])

        def with_a_hash():
            compiled.write_bytes(second[:4] + b'\x03\0\0\0' + second[8:])

        def cut():
            compiled.write_bytes(second[:16])

        def gone():
            compiled.unlink()

        def a_directory():
            compiled.unlink()
            compiled.mkdir()

        def no_source():
            module.unlink()
        for damage in (touched, edited, longer, of_another_python, with_a_hash, cut, gone, a_directory, no_source):
            with self.subTest(damage.__name__):
                damage()
                said, env_dir = self.said(python)
                self.assertIn('compiling pip', said)
                self.assert_right(env_dir, str(site_packages_of(env_dir) / 'pip' / '__init__.py'))
                if compiled.is_dir():
                    compiled.rmdir()
                compiled.write_bytes(second)
                module.write_bytes(first)
                os.utime(module, ns=times)
        self.assertNotIn('compiling', self.said(python)[0])

    def test_of_another_version_is_left(self):
        python, site_packages = self.base()
        info, = site_packages.glob('pip-*.dist-info')
        info.rename(site_packages / 'pip-1.0.dist-info')
        said, env_dir = self.said(python)
        self.assertIn('compiling pip', said)
        self.assert_works(env_dir)

    def test_with_hashes_is_made(self):
        python, _ = self.base()
        said, env_dir = self.said(python, env=self.environment(SOURCE_DATE_EPOCH='1700000000'))
        self.assertIn('compiling pip', said)
        flags = {path.read_bytes()[4] for path in (site_packages_of(env_dir) / 'pip').rglob('*.pyc')}
        self.assertEqual(flags, {3})

    def test_is_remembered_as_what_was_compiled_is(self):
        python, _ = self.base()
        one, two = self.tmp / 'one', self.tmp / 'two'
        for env_dir in (one, two):
            self.succeed_in_silence(python, env_dir)
        before = bytecode_of(two)
        self.succeed('env', '-u', 'PYTHONDONTWRITEBYTECODE', two / 'bin' / 'pip', '--version')
        self.assertEqual(bytecode_of(two), before)
        self.assert_right(two, str(site_packages_of(two) / 'pip' / '__init__.py'))

    def succeed_in_silence(self, python, env_dir):
        result = self.venv('--python', python, env_dir)
        self.assertEqual((result.code, result.out, result.err), (0, '', ''))
