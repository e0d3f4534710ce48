"""A program that embeds CPython works in an environment: with each Python that has its headers here, linked
with its shared library and with its static one."""

import os
import re
import shlex

from machine import ROOT, need, need_command, pythons
from support import Case, functions, run

LINKING = ROOT / 'tests' / 'linking'
COMPILED = ('-std=c++17', '-O0', '-pthread', '-DVENV_HEADER_ONLY=0', '-I', ROOT)
BUILD = '''
import os, sys, sysconfig
value = sysconfig.get_config_var
print(sysconfig.get_path('include'), value('LIBDIR'), value('LDLIBRARY'),
      os.path.join(value('LIBPL') or '', value('LIBRARY') or ''), value('EXT_SUFFIX'), sys.abiflags,
      value('LIBS') + ' ' + value('SYSLIBS') + ' ' + value('LINKFORSHARED'), sep='\\n')
'''
# In the embedded interpreter: what it is, what it imports, what it starts.
CODE = '''
import multiprocessing, os, subprocess, sys
import here, zlib  # a package of the environment, an extension module of the base
assert here.__file__.startswith(sys.prefix), here.__file__
assert 'VIRTUAL_ENV' not in os.environ
print(sys.prefix, sys.executable, sys.base_prefix != sys.prefix, sep='\\n')
print(subprocess.check_output([sys.executable, '-c', 'import here, sys; print(sys.prefix)'], text=True), end='')
for method in multiprocessing.get_all_start_methods():
    with multiprocessing.get_context(method).Pool(2) as pool:
        print(method, sorted(set(pool.map(here.where, range(4)))))
'''
HERE = '''
import sys
def where(_):
    return sys.prefix, sys.executable
'''


class Embed(Case):
    def build(self, source, *options):
        program = self.tmp / 'program'
        self.succeed(need_command('g++'), *COMPILED, source, functions(), '-o', program, *options)
        return program

    def with_headers(self):
        """Each Python that can be embedded here, with what its build says."""
        found = []
        for python in pythons():
            said = run(python.path, '-I', '-c', BUILD).stdout.splitlines()
            if os.path.exists(said[0] + '/Python.h'):
                found.append((python, said))
        return found or need(None, 'Python.h')

    def environment_of(self, python):
        return {'PATH': '%s:/usr/bin:/bin' % os.path.dirname(python.path), 'HOME': str(self.tmp),
                'PYTHONHOME': '/nowhere', 'LC_ALL': 'C.UTF-8'}

    def assert_works(self, python, program):
        env_dir = self.tmp / ('env of %d.%d.%d ü' % python.version)
        env = self.environment_of(python)
        self.succeed(program, env_dir, 'pass', env=env)
        site_packages, = env_dir.glob('lib/python*/site-packages')
        (site_packages / 'here.py').write_text(HERE)
        out = self.succeed(program, env_dir, CODE, env={**env, 'PYTHONHOME': ''}).splitlines()
        executable = str(env_dir / 'bin/python')
        self.assertEqual(out[:4], [str(env_dir), executable, 'True', str(env_dir)])
        self.assertGreaterEqual(len(out), 7)  # fork, spawn, forkserver
        for line in out[4:]:
            self.assertEqual(line.split(' ', 1)[1], repr([(str(env_dir), executable)]))

    def test_shared(self):
        for python, (include, folder, name, *_) in self.with_headers():
            with self.subTest(python=str(python)):
                if '.so' not in name:
                    continue
                program = self.build(ROOT / 'examples/embedded.cpp', '-isystem', include,
                                     '%s/%s' % (folder, name), '-Wl,-rpath,' + folder)
                self.assert_works(python, program)

    def test_static(self):
        python, said = self.with_headers()[-1]
        archive, libraries = said[3], shlex.split(said[6])
        if not os.path.exists(archive):
            self.skipTest('missing: ' + archive)
        program = self.build(ROOT / 'examples/embedded.cpp', '-isystem', said[0], archive, *libraries)
        self.assertNotIn('libpython', self.succeed('ldd', program))
        self.assert_works(python, program)

    def test_what_is_told(self):
        program = self.build(LINKING / 'embedding.cpp')
        told = 0
        for python in pythons():
            with self.subTest(python=str(python)):
                env_dir = self.tmp / ('env%d.%d.%d' % python.version)
                self.succeed(python.path, '-m', 'venv', '--without-pip', env_dir)
                executable, library, include, suffix, flags, shared = self.succeed(
                    program, env_dir, env=self.environment_of(python)).split('\n')[:6]
                said = run(python.path, '-I', '-c', BUILD).stdout.splitlines()
                self.assertEqual(executable, str(env_dir / 'bin/python'))
                self.assertEqual(include, said[0] if os.path.exists(said[0] + '/Python.h') else '')
                self.assertEqual((suffix, flags), (said[4], said[5]))
                if library:
                    told += 1
                    self.assertEqual(shared, str(int('.so' in said[2])))
                    wanted = '%s/%s' % (said[1], said[2]) if shared == '1' else said[3]
                    self.assertTrue(os.path.samefile(library, wanted), library)
        self.assertGreater(told, 0)

    def test_another_version_is_refused(self):
        python, (include, folder, name, *_) = self.with_headers()[-1]
        if '.so' not in name:
            self.skipTest('missing: a shared libpython')
        program = self.build(LINKING / 'embedding.cpp', '-DEMBEDS', '-isystem', include,
                             '%s/%s' % (folder, name), '-Wl,-rpath,' + folder)
        for other in pythons():
            env_dir = self.tmp / ('env%d.%d.%d' % other.version)
            self.succeed(other.path, '-m', 'venv', '--without-pip', env_dir)
            said = self.succeed(program, env_dir, env=self.environment_of(other)).splitlines()
            fits = other.version[:2] == python.version[:2]
            self.assertEqual(said, ['set'] if fits else [
                'the environment is for another minor version of Python', 'nothing set'])

    def test_the_documentation(self):
        _, (include, *_) = self.with_headers()[-1]
        text = (ROOT / 'docs/environments.md').read_text('utf-8')
        code, = [code for code in re.findall(r'```cpp\n(.*?)```', text, re.S) if 'Python.h' in code]
        self.succeed(need_command('g++'), *COMPILED, '-fsyntax-only', '-isystem', include, self.write('code.cpp', code))

    def test_the_example_is_short(self):
        self.assertLess(len((ROOT / 'examples/embedded.cpp').read_text('utf-8').splitlines()), 60)
