"""Removing an environment: nothing else goes, and nothing is left, whatever fails, whatever is killed."""

import os
import subprocess

from machine import PROGRAM, need_command, need_root
from support import Case, newest, snapshot
from wheels import make_wheel


class Removing(Case):
    def killed_at(self, call, count, *command):
        """Whether it was killed before its `count`-th such call."""
        need_command('strace')
        result = self.execute('strace', '-f', '-qq', '-o', '/dev/null', '-e', 'trace=' + call, '-e',
                              'inject=%s:signal=KILL:when=%d' % (call, count), *command)
        return result.code not in (0, 1)

    def names(self):
        return sorted(os.listdir(self.tmp))


class AKilledRun(Removing):
    """That was removing an environment: what it left goes by what comes next."""

    def setUp(self):
        super().setUp()
        self.make(newest(), '--without-pip', self.tmp / 'warm')

    def each(self, then, left):
        before = [name for name in self.names() if name != 'env']
        killed = 0
        for call, counts in (('rename', (1, 2)), ('unlinkat', (1, 2, 5, 12, 20, 21, 22, 23, 24))):
            for count in counts:
                self.make(newest(), '--without-pip')
                if not self.killed_at(call, count, PROGRAM, '--remove', self.env_dir):
                    continue
                killed += 1
                with self.subTest(call=call, count=count):
                    result = self.venv(*then, self.env_dir)
                    self.assertEqual(result.code, 0, str(result))
                    self.assertEqual([name for name in self.names() if name != 'env'], before)
                    self.assertEqual(self.env_dir.exists(), left)
                    if left:
                        self.assertEqual(self.execute(self.env_dir / 'bin' / 'python', '-c', '').code, 0)
        self.assertGreater(killed, 8)

    def test_then_removed_again(self):
        self.each(('--remove',), False)

    def test_then_made_again(self):
        self.each(('--python', newest().path, '--without-pip'), True)

    def test_then_ensured(self):
        self.each(('--python', newest().path, '--without-pip', '--ensure'), True)

    def test_what_only_has_that_name_stays(self):
        other = self.tmp / 'env.venv.hpp-removed'
        other.mkdir()
        (other / 'mine').write_text('mine\n')
        self.make(newest(), '--without-pip')
        self.assertEqual(self.venv('--remove', self.env_dir).code, 0)
        self.assertEqual((other / 'mine').read_text(), 'mine\n')
        self.assertEqual([name for name in self.names() if name.startswith('env')], [other.name])
        other.rename(self.tmp / 'elsewhere')
        other.symlink_to(self.tmp / 'elsewhere')
        (self.tmp / 'elsewhere' / 'pyvenv.cfg.new').write_text('')
        self.make(newest(), '--without-pip')
        self.assertTrue((self.tmp / 'elsewhere' / 'mine').exists())


class Packages(Removing):
    def setUp(self):
        super().setUp()
        make_wheel(self.tmp / 'wheels', 'demo', files={
            'demo/__init__.py': '', 'demo/inner/__init__.py': '', 'demo/inner/one.py': '',
            'demo-1.0.data/data/share/demo/data': 'x'}, points='[console_scripts]\ndemo = demo:main\n')
        (self.tmp / 'required.txt').write_text('demo\n')
        self.wanted = ('--python', newest().path, '--offline', '--wheel-dir', self.tmp / 'wheels', '-r',
                       self.tmp / 'required.txt')

    def of_demo(self):
        return [path for path in snapshot(self.env_dir) if 'demo' in path or 'share' in path]

    def test_that_cannot_be_looked_at_are_not_taken_for_gone(self):
        need_command('strace')
        self.assertEqual(self.venv(*self.wanted, self.tmp / 'template').code, 0)
        codes = set()
        for call, counts in (('readlink', range(8, 200, 24)), ('newfstatat', range(10, 300, 15)),
                             ('getdents64', range(1, 40, 3))):
            for when in counts:
                subprocess.check_call(['rm', '-rf', self.env_dir])
                subprocess.check_call(['cp', '-a', self.tmp / 'template', self.env_dir])
                before = snapshot(self.env_dir)
                result = self.execute('strace', '-f', '-qq', '-o', '/dev/null', '-e', 'trace=' + call, '-e',
                                      'inject=%s:error=EIO:when=%d' % (call, when), PROGRAM, '--uninstall', 'demo',
                                      self.env_dir)
                codes.add(result.code)
                with self.subTest(call=call, when=when):
                    if result.code == 0:
                        self.assertEqual(self.of_demo(), [])
                    else:
                        self.fails(result)
                        self.unchanged(before)
        self.assertEqual(codes, {0, 1})

    def test_of_which_a_killed_run_was_about_to_note_that_they_are_there(self):
        need_command('strace')
        command = [PROGRAM, '--ensure', *self.wanted, self.env_dir]
        for _ in range(2):  # the first remembers things
            subprocess.check_call(['rm', '-rf', self.env_dir])
            trace = self.tmp / 'calls'
            self.assertEqual(self.execute('strace', '-f', '-qq', '-o', trace, '-e', 'trace=rename', *command).code, 0)
        calls = [line for line in trace.read_text().splitlines() if 'rename(' in line]
        last = [count for count, line in enumerate(calls, 1) if '.venv.hpp-ensured"' in line]
        subprocess.check_call(['rm', '-rf', self.env_dir])
        self.assertTrue(self.killed_at('rename', last[-1], *command))
        self.assertTrue(self.notes() - {'.venv.hpp-ensured', '.venv.hpp-used'})
        self.assertEqual(self.execute(*command).code, 0)
        self.assertEqual(self.notes(), {'.venv.hpp-ensured', '.venv.hpp-used'})

    def notes(self):
        return {name for name in os.listdir(self.env_dir) if name.startswith('.venv.hpp')}


class WhatWasNoEnvironment(Removing):
    def test_stays_when_a_run_in_it_was_killed(self):
        """That run is taken back first; then there is none that could be removed."""
        self.make(newest(), '--without-pip', self.tmp / 'warm')
        killed = 0
        for count in (1, 4, 8, 10):
            self.env_dir.mkdir()
            (self.env_dir / 'mine').write_text('mine\n')
            if self.killed_at('rename', count, PROGRAM, '--python', newest().path, '--without-pip', self.env_dir):
                killed += 1
                self.assertTrue((self.env_dir / '.venv.hpp-journal').exists())
                with self.subTest(count=count):
                    self.fails(self.venv('--remove', self.env_dir), 'no environment')
                    self.assertEqual(os.listdir(self.env_dir), ['mine'])
            subprocess.check_call(['rm', '-rf', self.env_dir])
        self.assertGreater(killed, 2)


class WhatCannotBe(Removing):
    def test_moved_stays_as_it_is(self):
        """ENV_DIR is a mount."""
        self.env_dir.mkdir()
        self.tmpfs(self.env_dir)
        self.make(newest(), '--without-pip')
        before = snapshot(self.env_dir)
        self.fails(self.venv('--remove', self.env_dir), 'busy')
        self.unchanged(before)

    def test_written_is_removed(self):
        """A full disk."""
        need_root()
        disk = self.tmp / 'disk'
        disk.mkdir()
        self.tmpfs(disk, 'size=400k')
        self.make(newest(), '--without-pip', disk / 'env')
        with self.assertRaises(OSError):
            with open(disk / 'full', 'wb', buffering=0) as file:
                while True:
                    file.write(b'x' * 4096)
        result = self.venv('--remove', disk / 'env')
        self.assertEqual(result.code, 0, str(result))
        self.assertEqual(os.listdir(disk), ['full'])
