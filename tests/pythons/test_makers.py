"""Environments that other tools made, as what ours are based on: the base is theirs, and found again."""

import os
import pathlib
import shutil
import tempfile

from machine import PROGRAM, PYENV, need, protect, pythons, run
from support import Case, need_installed

protect(PYENV, '/usr')

SAYS = 'import _ctypes, sys; print(*sys.version_info[:3], sys.prefix, sys.base_prefix, sep="|")'


class Makers(Case):
    def setUp(self):
        self.tmp = pathlib.Path(tempfile.mkdtemp(prefix="it's an environment-")).resolve()
        self.addCleanup(shutil.rmtree, self.tmp, ignore_errors=True)
        self.bin = need_installed('makers-*/bin', "of PyPI's virtualenv and uv")
        self.environment = {'PATH': '/usr/bin:/bin', 'HOME': str(self.tmp), 'LANG': 'C.UTF-8',
                            'UV_OFFLINE': '1', 'UV_PYTHON_DOWNLOADS': 'never', 'VIRTUALENV_NO_DOWNLOAD': '1'}

    def succeed(self, *command):
        done = run(command, env=self.environment)
        self.assertEqual(done.code, 0, str(done))
        return done.out

    def assert_base_is_found(self, python, outer):
        """By its directory, by its interpreter, and when it is active; also from an environment of ours."""
        expected = self.succeed(python.path, '-c', SAYS).strip().split('|')
        for request in (outer, outer / 'bin' / 'python'):
            for kind in ('--symlinks', '--copies'):
                with self.subTest(request=str(request), kind=kind):
                    env_dir = self.tmp / 'env'
                    self.succeed(PROGRAM, '--clear', '--without-pip', kind, '--python', request, env_dir)
                    said = self.succeed(env_dir / 'bin' / 'python', '-c', SAYS).strip().split('|')
                    self.assertEqual(said, [*expected[:3], str(env_dir), expected[4]])
                    cfg = (env_dir / 'pyvenv.cfg').read_text()
                    self.assertNotIn('home = %s' % outer, cfg)
        shutil.rmtree(outer) # and it isn't needed any more
        self.assertEqual(self.succeed(env_dir / 'bin' / 'python', '-c', SAYS).strip().split('|')[4],
                         expected[4])

    def test_virtualenv(self):
        program = self.bin / 'python' # the folder was moved: scripts name another one
        for python in pythons((3, 9)):
            for kind in ('--symlinks', '--always-copy'):
                with self.subTest(python=str(python), made=kind):
                    outer = self.tmp / 'outer'
                    self.succeed(program, '-m', 'virtualenv', '--quiet', '--no-seed', kind, '--python',
                                 python.path, outer)
                    self.assert_base_is_found(python, outer)

    def test_uv(self):
        program = self.bin / 'uv'
        need(os.access(program, os.X_OK), str(program))
        for python in pythons((3, 9)):
            for kind in ((), ('--relocatable',)):
                with self.subTest(python=str(python), made=kind):
                    outer = self.tmp / 'outer'
                    self.succeed(program, 'venv', '--quiet', *kind, '--python', python.path, outer)
                    self.assert_base_is_found(python, outer)
