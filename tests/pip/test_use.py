"""pip does its work in the environment: installs, upgrades and removes, itself included."""

import os

import machine
from machine import everything, need_pyenv, wipe
from support import (Case, bundled_wheel, has_setuptools, installed, make_wheel, newest,
                     oldest_and_newest, record_hash, repacked, site_packages_of)


class Use(Case):
    def test_installs_a_wheel(self):
        wheel = make_wheel(self.tmp / 'wheels', 'answer', '42',
                           {'answer.py': b'def main(): print("it is 42")\n'},
                           '[console_scripts]\nanswer = answer:main\n')
        for python in oldest_and_newest():
            for what in ('cold', 'remembered', '--no-compile-bytecode'):
                with self.subTest(python=str(python), what=what):
                    env_dir = self.tmp / (python.name + what)
                    self.make(python, *[what] * what.startswith('--'), env_dir)
                    self.pip(env_dir, 'install', '--no-index', wheel)
                    self.assertEqual(self.succeed(env_dir / 'bin' / 'answer').out, 'it is 42\n')
                    self.pip(env_dir, 'check')

    def test_upgrades_itself(self):
        for python in oldest_and_newest():
            with self.subTest(python=str(python)):
                env_dir = self.make(python, self.tmp / python.name)
                wheel = repacked(bundled_wheel(python), self.tmp / 'wheels', '998.1')
                self.pip(env_dir, 'install', '--no-index', '--find-links', wheel.parent, '--upgrade',
                         'pip')
                self.assert_works(env_dir, '998.1')
                self.assertEqual(len(list(site_packages_of(env_dir).glob('pip-*'))), 1)

    def test_leaves_nothing_behind(self):
        for python in oldest_and_newest():
            with self.subTest(python=str(python)):
                left = []
                for make in (self.reference, self.make):
                    wipe(self.env_dir)
                    make(python)
                    projects = ['pip'] + ['setuptools'] * has_setuptools(python)
                    self.pip(self.env_dir, 'uninstall', '-y', *projects)
                    left.append(installed(self.env_dir))
                self.assertEqual(left[1], left[0])
                self.assertEqual(left[1], {})

    def test_reinstalls_itself(self):
        python = newest()
        wheel = bundled_wheel(python)
        self.make(python)
        before = installed(self.env_dir)
        self.succeed(self.env_dir / 'bin' / 'pip', 'install', '--no-index', '--force-reinstall', wheel)
        after = installed(self.env_dir)
        for found in (before, after):
            for name in [name for name in found if 'dist-info' in name]:
                del found[name]  # this one says whence it came
        self.assertEqual(after, before)
        self.assert_works(self.env_dir)

    def test_an_odd_wheel_is_installed_as_by_itself(self):
        # Files that installers write, a signature, a script without a console.
        def change(files):
            info = next(name for name in files if name.endswith('/METADATA'))[:-len('METADATA')]
            files[info + 'INSTALLER'] = b'somebody else\n'
            files[info + 'REQUESTED'] = b'by somebody\n'
            files[info + 'RECORD.jws'] = b'{}'
            files[info + 'entry_points.txt'] += b'\n[gui_scripts]\nwindow = pip:main\n'

        python = newest()
        wheel = repacked(bundled_wheel(python), self.tmp / 'wheels', '997.0', change)
        self.make(python)
        # By the name that ensurepip runs it by, which is that of the scripts' interpreter.
        self.succeed(self.env_dir / 'bin' / os.path.basename(python.path), '-m', 'pip', 'install',
                     '--no-index', '--find-links', wheel.parent, '--upgrade', 'pip')
        expected = installed(self.env_dir)
        theirs = {record_hash(b'somebody else\n'), record_hash(b'by somebody\n')}
        rows = 'rows of pip-997.0.dist-info'  # of files that are no longer the wheel's own
        expected[rows] = {row for row in expected[rows] if row[1] not in theirs}
        expected_window = (self.env_dir / 'bin' / 'window').read_text()
        for _ in range(2):  # cold and remembered
            wipe(self.env_dir)
            self.make(python, '--pip-wheel-dir=%s' % wheel.parent)
            self.assertEqual(installed(self.env_dir), expected)
            self.assertEqual((self.env_dir / 'bin' / 'window').read_text(), expected_window)
        self.succeed(self.env_dir / 'bin' / 'window', '--version')

    def test_runs_on_pythons_before_3_8(self):
        # Their pips write other scripts: that of Python 3.6 has a `%` in it.
        pythons = [python for python in machine.pythons((3, 6)) if python.version < (3, 8)]
        for python in need_pyenv(pythons, 'Python 3.6 or 3.7'):
            with self.subTest(python=str(python)):
                wipe(self.env_dir)
                self.make(python)
                minor = '%d.%d' % python.version[:2]
                expected = {'pip', 'pip3', 'pip' + minor, 'easy_install', 'easy_install-' + minor}
                made = {path.name for pattern in ('pip*', 'easy_install*')
                        for path in (self.env_dir / 'bin').glob(pattern)}
                self.assertEqual(made, expected)
                for name in made:
                    said = self.succeed(self.env_dir / 'bin' / name, '--version').out
                    self.assertIn(str(self.env_dir), said)


class Sharing(Case):
    """No two environments, and no environment and the memory, have a file in common."""

    def test_an_edit_stays_where_it_is_made(self):
        python = newest()
        first, second = (self.make(python, self.tmp / name) for name in ('first', 'second'))
        third = self.make(python, self.tmp / 'third')
        expected = everything(second)
        remembered = everything(self.cache)
        edited = 0
        for path in [*site_packages_of(first).rglob('*'), *(first / 'bin').glob('pip*')]:
            if path.is_file():
                with open(path, 'r+b') as file:  # in place: the same inode
                    file.write(b'edited')
                edited += 1
        self.assertGreater(edited, 800)
        self.assertEqual(everything(second), expected)
        self.assertEqual(everything(self.cache), remembered)
        self.assert_works(second)
        self.assert_works(third)
        self.assert_works(self.make(python, self.tmp / 'fourth'))

    def test_every_file_is_one_of_its_own(self):
        python = newest()
        seen = {}
        for name in ('first', 'second', 'third'):
            env_dir = self.make(python, self.tmp / name)
            for path in env_dir.rglob('*'):
                if path.is_file() and not path.is_symlink():
                    status = path.stat()
                    self.assertEqual(status.st_nlink, 1, path)
                    self.assertNotIn((status.st_dev, status.st_ino), seen, path)
                    seen[status.st_dev, status.st_ino] = path
        for path in self.cache.iterdir():
            self.assertEqual(path.stat().st_nlink, 1, path)
            self.assertNotIn((path.stat().st_dev, path.stat().st_ino), seen, path)
