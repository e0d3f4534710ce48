"""The environment equals the reference's: every file of pip, and its bytecode in use."""

import hashlib
import os
import time

from machine import need, wipe
from support import (Case, bytecode_of, installed, newest, oldest, oldest_and_newest, pythons,
                     site_packages_of, system_python)

# Compares two environments' bytecode by what it does: code objects are equal whatever file they
# name.
SAME_CODE = '''
import marshal, os, sys
one, two = sys.argv[1:]
for folder, _, names in os.walk(one):
    for name in names:
        if name.endswith('.pyc'):
            path = os.path.join(folder, name)
            other = os.path.join(two, os.path.relpath(path, one))
            a, b = open(path, 'rb').read(), open(other, 'rb').read()
            assert a[:8] == b[:8] and a[12:16] == b[12:16], (path, a[:16], b[:16])
            assert marshal.loads(a[16:]) == marshal.loads(b[16:]), path
'''


# What `python -v` says where it writes bytecode.
WROTE = ('# wrote', '# created')


def files_of(env_dir):
    return [(str(path.relative_to(env_dir)), path) for path in env_dir.rglob('*')
            if path.is_file() and not path.is_symlink()]


def headers_of(env_dir):
    """The first 16 bytes of each file of bytecode."""
    return {name: path.read_bytes()[:16] for name, path in files_of(env_dir) if name.endswith('.pyc')}


class Equal(Case):
    def assert_bytecode_is_used(self, env_dir):
        """pip runs from its bytecode and writes none again."""
        before = bytecode_of(env_dir)
        self.assertGreater(len(before), 100)
        said = self.succeed(env_dir / 'bin' / 'python', '-v', '-m', 'pip', 'list').err
        lines = [line for line in said.splitlines() if str(env_dir / 'lib') in line]
        self.assertEqual([line for line in lines if line.startswith(WROTE)], [])
        used = [line for line in lines if ' matches ' in line]
        self.assertGreater(len(used), 50)
        self.assertEqual(bytecode_of(env_dir), before)

    def assert_edits_are_seen(self, env_dir):
        """An edited source is compiled again, of whatever size."""
        python = env_dir / 'bin' / 'python'
        source = site_packages_of(env_dir) / 'pip' / '__init__.py'
        text = source.read_text()
        for edited in (text + 'edited = 1\n', text.replace('__version__', '_xversion__')):
            source.write_text(edited)
            os.utime(source, ns=(0, 1_600_000_000_000_000_000 + len(edited)))
            name = 'edited' if 'edited' in edited else '_xversion__'
            said = self.succeed(python, '-v', '-c', 'import pip; pip.%s' % name).err
            self.assertTrue([line for line in said.splitlines()
                             if line.startswith(WROTE) and str(source.parent) in line], said[:2000])

    def compare(self, python, *options, env_dir=None, **how):
        """Cold, then from memory, both at the path where the reference's was."""
        env_dir = env_dir or self.env_dir
        self.reference(python, *options, env_dir, **how)
        expected = installed(env_dir)
        shown = self.pip(env_dir, 'list', '--format=freeze').out
        kept = self.tmp / 'reference'
        os.rename(env_dir, kept)
        for remembered in (False, True):
            with self.subTest(python=str(python), remembered=remembered):
                self.make(python, *options, env_dir, **how)
                self.assertEqual(installed(env_dir), expected)
                self.assertEqual(self.pip(env_dir, 'list', '--format=freeze').out, shown)
                self.succeed(python.path, '-I', '-c', SAME_CODE, site_packages_of(env_dir),
                             site_packages_of(kept))
                self.assert_bytecode_is_used(env_dir)
                self.assert_nothing_left_over(env_dir, self.cache)
            if not remembered:
                wipe(env_dir)
        wipe(kept)
        return env_dir

    def test_a_space_in_the_path(self):
        env_dir = self.compare(oldest(), env_dir=self.tmp / 'a space' / 'env')
        self.assert_works(env_dir)

    def test_options(self):
        for options in (('--copies',), ('--system-site-packages',)):
            with self.subTest(options=options):
                self.assert_works(self.compare(newest(), *options))
                wipe(self.env_dir)

    def test_system_site_packages_of_a_base_that_has_pip(self):
        # pip is installed whether the base has one or not.
        python = system_python()
        need(python, 'the system\'s ensurepip')
        env_dir = self.compare(python, '--system-site-packages')
        self.assert_whole(env_dir)
        self.assertIn(str(env_dir), self.succeed(env_dir / 'bin' / 'pip', '--version').out)

    def test_without_bytecode(self):
        python = newest()
        self.reference(python)
        expected = installed(self.env_dir)
        wipe(self.env_dir)
        for name in [name for name in expected if '__pycache__' in name]:
            del expected[name]
        for name in expected:
            if name.startswith('rows of'):
                expected[name] = {row for row in expected[name] if not row[0].endswith('.pyc')}
        for attempt in ('cold', 'remembered', 'remembered with bytecode'):
            with self.subTest(attempt):
                self.make(python, '--no-compile-bytecode')
                self.assertEqual(installed(self.env_dir), expected)
                wipe(self.env_dir)
            if attempt == 'remembered':
                self.make(python)  # what was remembered without is no hindrance
                self.assert_bytecode_is_used(self.env_dir)
                wipe(self.env_dir)

    def test_reproducible(self):
        """With SOURCE_DATE_EPOCH bytecode has its source's hash, as the reference's: nothing in it tells when
        it was made."""
        env = self.environment(SOURCE_DATE_EPOCH='315532800')
        for python in oldest_and_newest():
            with self.subTest(python=str(python)):
                self.reference(python, env=env)
                expected = headers_of(self.env_dir)
                self.assertEqual({header[4] for header in expected.values()}, {3})
                made = []
                for remembered in (False, True, False):
                    wipe(self.env_dir)
                    if not remembered:
                        wipe(self.home / '.cache')
                    self.make(python, env=env)
                    self.assertTrue(headers_of(self.env_dir) == expected)  # a diff would be megabytes
                    made.append({name: hashlib.sha256(path.read_bytes()).hexdigest()
                                 for name, path in files_of(self.env_dir)})
                    time.sleep(1.1)  # times in headers would have whole seconds
                self.assertEqual(made[0], made[1])
                if python.version >= (3, 11):  # marshal has sets in an order of its own before
                    self.assertEqual(made[0], made[2])
                self.assert_bytecode_is_used(self.env_dir)
                wipe(self.env_dir)
                self.make(python)  # one that has no hashes is remembered apart
                self.assertEqual({header[4] for header in headers_of(self.env_dir).values()}, {0})
                wipe(self.env_dir)

    def test_edited_sources(self):
        for python in oldest_and_newest():
            with self.subTest(python=str(python)):
                for name in ('cold', 'remembered'):
                    self.assert_edits_are_seen(self.make(python, self.tmp / (python.name + name)))


def add_comparison(python):
    def test(self):
        self.assert_works(self.compare(python))
    name = 'test_as_%s_makes_it' % python.path.strip('/').replace('/', '_').replace('.', '_')
    setattr(Equal, name, test)


for each in pythons():
    add_comparison(each)
