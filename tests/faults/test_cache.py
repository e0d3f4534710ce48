"""What is remembered is found again, made once, and its absence explained."""

import os
import re
import shutil
import signal
import subprocess
import time

from machine import PROGRAM, need, need_command, need_root
from support import Case, facts, newest, prefix_of_links, shared_python


class Cache(Case):
    def started(self, *arguments, **options):
        """The programs that a run starts."""
        need_command('strace')
        traces = self.tmp / 'traces'
        traces.mkdir()
        result = self.execute('strace', '-ff', '-qq', '-e', 'trace=execve', '-o', traces / 'of',
                              PROGRAM, *arguments, **options)
        self.assertEqual(result.code, 0, str(result))
        calls = ''.join(path.read_text() for path in traces.iterdir())
        shutil.rmtree(traces)
        return len(re.findall(r'^execve\(.* = 0$', calls, re.MULTILINE)) - 1

    def compiles(self, *arguments, **options):
        """Whether a run compiles pip, which it says."""
        result = self.venv('--verbose', *arguments, **options)
        self.assertEqual(result.code, 0, str(result))
        return 'compiling' in result.err


class FoundAgain(Cache):
    def test_on_the_same_overlay_mounted_again(self):
        # In each container it has another device number.
        need_root()
        lower = self.tmp / 'lower'
        name = prefix_of_links(lower, newest()).relative_to(lower)
        where = ['-t', 'overlay', '-o', 'lowerdir=lower,upperdir=upper,workdir=work', 'none']
        for folder in ('upper', 'work'):
            (self.tmp / folder).mkdir()
        devices = set()
        counts = []
        for i in range(3):
            os.chdir(self.tmp)
            place = self.mount(self.tmp / 'root', *where)
            os.chdir('/')
            devices.add(os.lstat(place).st_dev)
            counts.append(self.started('--python', place / name, self.tmp / ('env%d' % i)))
            subprocess.check_call(['umount', place])
            self.mounted.pop()
            self.tmpfs(self.tmp / ('taken%d' % i), 'size=1m')  # takes the number
        self.assertGreater(len(devices), 1, 'the device number did not change')
        self.assertEqual(counts[1:], [0, 0], counts)

    def test_on_a_remounted_disk(self):
        need_root()
        need_command('mkfs.btrfs')
        image = self.tmp / 'image'
        with open(image, 'wb') as file:
            file.truncate(200 << 20)
        subprocess.check_call(['mkfs.btrfs', '-q', image])
        counts, devices = [], set()
        for i in range(2):
            place = self.mount(self.tmp / 'disk', '-o', 'loop', image)
            if i == 0:
                name = prefix_of_links(place / 'base', newest()).relative_to(place)
            devices.add(os.lstat(place / name).st_dev)
            counts.append(self.started('--python', place / name, self.tmp / ('env%d' % i)))
            subprocess.check_call(['umount', place])
            self.mounted.pop()
            self.tmpfs(self.tmp / ('taken%d' % i), 'size=1m')
        self.assertGreater(len(devices), 1, 'the device number did not change')
        self.assertEqual(counts[1], 0, counts)

    def test_after_it_was_restored_for_the_same_bytes(self):
        # As in CI: the cache is unpacked, the Python is installed anew, both with new inodes.
        first = prefix_of_links(self.tmp / 'one', newest())
        self.assertTrue(self.compiles('--python', first, self.tmp / 'env1'))
        shutil.copytree(self.cache, self.tmp / 'saved')
        shutil.rmtree(self.cache)
        shutil.copytree(self.tmp / 'saved', self.cache)
        self.cache.chmod(0o700)
        shutil.rmtree(self.tmp / 'one')
        again = prefix_of_links(self.tmp / 'one', newest())
        os.utime(again, (1700000000, 1700000000))
        self.assertFalse(self.compiles('--python', again, self.tmp / 'env2'))
        self.works(self.tmp / 'env2')

    def test_for_another_place_of_the_same_wheel(self):
        one = prefix_of_links(self.tmp / 'one', newest(), ['ensurepip'])
        two = prefix_of_links(self.tmp / 'two', newest(), ['ensurepip'])
        for base in (self.tmp / 'one', self.tmp / 'two'):
            shutil.copytree(facts(newest().path)[1] / 'ensurepip',
                            base / 'lib' / newest().name / 'ensurepip')
        self.assertTrue(self.compiles('--python', one, self.tmp / 'env1'))
        self.assertFalse(self.compiles('--python', two, self.tmp / 'env2'))
        self.works(self.tmp / 'env2')
        self.assertEqual(len(list(self.cache.glob('pip-*'))), 1)

    def test_a_warm_environment_starts_nothing(self):
        self.make(newest(), self.tmp / 'warm')
        self.assertEqual(self.started('--python', newest().path, self.env_dir), 0)


    def test_the_first_one_reads_the_wheel_while_the_python_is_asked(self):
        need_command('strace')
        need(len(os.sched_getaffinity(0)) > 1, 'two processors')
        python = newest()
        need(list((facts(python.path)[1] / 'ensurepip').glob('_bundled/pip-*.whl')), 'a Python that bundles pip')
        trace = self.tmp / 'trace'
        result = self.execute('strace', '-f', '-qq', '-o', trace, '-e', 'trace=open,openat,exit_group', '-e',
                              'inject=exit_group:delay_enter=500000', PROGRAM, '--python', python.path, self.env_dir)
        self.assertEqual(result.code, 0, str(result))
        calls = trace.read_text('utf-8', 'replace').splitlines()
        opened = [i for i, call in enumerate(calls) if '.whl"' in call]
        ended = [i for i, call in enumerate(calls) if 'exit_group(' in call]
        self.assertEqual(len(opened), 1, [calls[i] for i in opened])
        self.assertLess(opened[0], ended[0])
        self.works(self.env_dir)


class MadeOnce(Cache):
    def test_by_several_at_once(self):
        need_command('strace')
        base = prefix_of_links(self.tmp / 'base', newest())  # without bytecode to take
        alone = self.started('--python', base, self.tmp / 'alone')
        self.assertGreater(alone, 1)
        for count in (4, 8):
            with self.subTest(count=count):
                shutil.rmtree(self.cache)
                traces = self.tmp / ('traces%d' % count)
                traces.mkdir()
                processes = [subprocess.Popen(
                    ['strace', '-ff', '-qq', '-e', 'trace=execve', '-o', traces / ('of%d' % i), PROGRAM,
                     '--python', base, self.tmp / ('env %d %d' % (count, i))],
                    env=self.environment(), cwd='/') for i in range(count)]
                self.assertEqual([process.wait(300) for process in processes], [0] * count)
                calls = ''.join(path.read_text() for path in traces.iterdir())
                started = len(re.findall(r'^execve\(.* = 0$', calls, re.MULTILINE)) - count
                # One compiles; each may ask the Python what it is.
                self.assertLessEqual(started, alone + 2 * (count - 1))
                for i in range(count):
                    self.works(self.tmp / ('env %d %d' % (count, i)))

    def test_and_one_that_is_killed_holds_nobody_up(self):
        process = subprocess.Popen([PROGRAM, '--python', newest().path, self.tmp / 'killed'],
                                   env=self.environment(), cwd='/')
        time.sleep(0.25)
        process.send_signal(signal.SIGSTOP)  # it neither goes on nor ends
        try:
            started = time.monotonic()
            self.make(newest(), timeout=120)
            self.assertLess(time.monotonic() - started, 100)
            self.works()
        finally:
            process.kill()
            process.wait()
        self.make(newest(), self.tmp / 'later')
        self.works(self.tmp / 'later')


class Off(Cache):
    """One line says which directory, and why."""

    def says_why(self, result, *words):
        self.assertEqual(result.code, 0, str(result))
        lines = [line for line in result.err.splitlines() if re.search('cache|remember', line)]
        self.assertEqual(len(lines), 1, result.err)
        for word in words:
            self.assertIn(str(word), lines[0])

    def test_because_others_may_write_it(self):
        for folder in (self.home / '.cache', self.cache):
            with self.subTest(folder=folder.name):
                self.cache.mkdir(parents=True, exist_ok=True)
                for path in (self.home / '.cache', self.cache):
                    path.chmod(0o700)
                folder.chmod(0o777)
                options = ('--python', newest().path, '--without-pip',
                           self.tmp / ('for the home' if folder == self.home / '.cache' else 'for it'))
                self.says_why(self.venv('--verbose', *options), folder)
                self.assertEqual(self.venv(*options).err, '')

    def test_because_the_home_is_another_user_s(self):
        need_root()
        self.give(self.home)
        self.says_why(self.venv('--verbose', '--python', newest().path, '--without-pip', self.env_dir),
                      self.home)

    def test_in_a_user_namespace(self):
        need_command('unshare')
        place = self.tmp / 'place'
        place.mkdir()
        self.give(place)
        result = self.as_other('unshare', '--user', '--map-root-user', PROGRAM, '--verbose', '--python',
                               shared_python().path, '--without-pip', place / 'env')
        need('unshare: ' not in result.err, 'user namespaces: ' + result.err)
        self.says_why(result, self.home)

    def test_because_it_cannot_be_made(self):
        (self.home / '.cache').write_text('a file\n')
        self.says_why(self.venv('--verbose', '--python', newest().path, '--without-pip', self.env_dir),
                      self.home / '.cache')

    def test_nothing_is_said_when_it_was_switched_off(self):
        result = self.venv('--verbose', '--no-cache', '--python', newest().path, '--without-pip',
                           self.env_dir)
        self.assertEqual(result.code, 0, str(result))
        self.assertNotIn('others', result.err)
