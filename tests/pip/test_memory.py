"""What is remembered: used where it can be trusted, replaced where not, never in the way."""

import contextlib
import os
import pathlib
import random
import re
import shutil
import stat
import struct
import subprocess
import time

from machine import (PROGRAM, ask, everything, need, need_mounts, need_pyenv, need_root,
                     need_traces, run, wipe)
from support import (Case, bundled_wheel, has_setuptools, installed, newest, oldest,
                     oldest_and_newest, repacked, site_packages_of, small_wheels,
                     system_python)

NOBODY = 65534


class Memory(Case):
    options = ()  # with which the environments are made

    def setUp(self):
        super().setUp()
        self.python = newest()
        self.options = ('--pip-wheel-dir=%s' % small_wheels(self.tmp / 'small'), *self.options)
        self.made = 0

    def fresh(self, *options, **how):
        """A new environment; its pip is right, and it is gone again. The time that it took."""
        env_dir = self.tmp / ('env-%d' % self.made)
        self.made += 1
        start = time.monotonic()
        self.make(self.python, *self.options, *options, env_dir, **how)
        took = time.monotonic() - start
        self.assertEqual(self.right(env_dir), self.expected(), 'cache: %s' % how)
        shutil.rmtree(env_dir)
        return took

    def right(self, env_dir):
        """What is installed, without what a path changes: the scripts and their hashes."""
        found = installed(env_dir)
        if '--no-compile-bytecode' in self.options:
            found = {name: {row for row in what if not row[0].endswith('.pyc')}
                     if name.startswith('rows of') else what
                     for name, what in found.items() if '__pycache__' not in name}
        for name in list(found):
            if name.startswith('bin/'):
                found[name] = found[name].split()[0]
            if name.startswith('rows of'):
                found[name] = {row[0] if '/bin/' in row[0] else row for row in found[name]}
        return found

    expectations = {}

    def expected(self):
        """What is made without the memory (test_equal.py compares that with the reference's)."""
        key = self.python.path, *[option for option in self.options if 'wheel-dir' not in option]
        if key not in self.expectations:
            self.make(self.python, *self.options, '--no-cache', self.tmp / 'reference')
            self.expectations[key] = self.right(self.tmp / 'reference')
            shutil.rmtree(self.tmp / 'reference')
        return self.expectations[key]

    def pack(self):
        found, = [path for path in self.cache.glob('pip-*') if '.venv.hpp-' not in path.name]
        return found

    def files(self):
        """How many files are remembered of one Python: its answer, and of pip and perhaps setuptools
        the wheel's digest and the pack."""
        return 3 + 2 * has_setuptools(self.python)

    def answer(self):
        found, = [path for path in self.cache.glob('python-*') if '.venv.hpp-' not in path.name]
        return found

    def inodes(self):
        return {path.name: path.stat().st_ino for path in self.cache.iterdir()}

    def starts(self, *arguments, **options):
        """The programs that a run of ours starts."""
        result, started = self.traced('--python', self.python.path, *self.options, *arguments,
                                      **options)
        self.assertEqual(result.code, 0, str(result))
        return started

    def assert_remembers(self, *options, **how):
        """No Python is started: all was remembered."""
        env_dir = self.tmp / 'remembered'
        self.assertEqual(self.starts(*options, env_dir, **how), [])
        shutil.rmtree(env_dir)

    def assert_remembers_nothing(self, *options, **how):
        env_dir = self.tmp / 'not-remembered'
        self.assertGreater(len(self.starts(*options, env_dir, **how)), 1)
        shutil.rmtree(env_dir)


def checksum(data):
    """That of a pack, as src/cache/pack.hpp has it."""
    mask, odd = 2 ** 64 - 1, 0x9E3779B97F4A7C15

    def mix(lane, word):
        lane ^= word * odd & mask
        return (lane << 29 & mask | lane >> 35) * 0xD6E8FEB86659FD93 & mask

    lanes = [odd * factor & mask for factor in (1, 3, 5, 7)]
    padded = data + b'\0' * (32 - len(data) % 32)
    for at, word in enumerate(struct.unpack('<%dQ' % (len(padded) // 8), padded)):
        lanes[at % 4] = mix(lanes[at % 4], word)
    total = len(data)
    for lane in lanes:
        total = mix(total ^ total >> 32, lane)
    return total ^ total >> 32


def with_index(pack, change):
    """A pack with another index, its checksums right."""
    at, size = struct.unpack('<QQ', pack[-40:-24])
    index = change(pack[at:at + size])
    footer = struct.pack('<QQQ', at, len(index), checksum(index))
    return pack[:at] + index + footer + struct.pack('<Q', checksum(footer)) + pack[:8]


class Contents(Memory):
    def test_remembers(self):
        self.fresh()
        self.assertEqual(stat.S_IMODE(self.cache.stat().st_mode), 0o700)
        for path in (self.pack(), self.answer()):
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        before = self.inodes()
        self.assert_remembers()
        self.fresh()
        self.assertEqual(self.inodes(), before)

    def test_no_cache_neither_reads_nor_writes(self):
        self.fresh('--no-cache')
        self.assertEqual(list(self.home.iterdir()), [])
        self.fresh()
        self.pack().write_bytes(b'')
        before = everything(self.cache)
        self.fresh('--no-cache')
        self.assertEqual(everything(self.cache), before)
        self.assert_remembers_nothing('--no-cache')

    def test_damage_is_found_and_mended(self):
        self.fresh()
        for which in (self.pack, self.answer):
            path = which()
            good = path.read_bytes()
            chooser = random.Random(4)
            middle = [chooser.randrange(len(good)) for _ in range(3)]
            damages = [good[:at] + bytes([good[at] ^ 1]) + good[at + 1:]
                       for at in [20, len(good) - 30, *middle]]
            damages += [b'', good[:-1], good[:len(good) // 2], good + b'x', b'\0' * len(good)]
            for number, bad in enumerate(damages):
                with self.subTest(which=path.name, damage=number):
                    path.write_bytes(bad)
                    self.fresh()
                    again = path.read_bytes()
                    self.assertEqual(len(again), len(good))
                    self.assertNotEqual(again, bad)
            self.assert_remembers()
        self.assert_nothing_left_over(self.home)

    def test_a_well_made_pack_that_lies_is_replaced(self):
        # Its checksums hold, and no environment could be made of it.
        self.fresh()
        path = self.pack()
        good = path.read_bytes()
        lies = ((b'pip/__init__.py', b'pip/__init__.p/'),  # a directory
                (b'pip/__init__.py', b'PIP/__main__.py'),  # another file on some disks
                (b'pip/__init__.py', b'pip/__main__.py'),
                (b'.dist-info/METADATA', b'.dist-info/METADAT_'),
                (b'pip._internal.cli.main', b'os;exit(3);import os#%'))
        for old, new in lies:
            with self.subTest(new):
                lie = with_index(good, lambda index: index.replace(old, new, 1))
                path.write_bytes(lie)
                self.fresh()
                self.assertNotEqual(path.read_bytes(), lie)
                self.assert_remembers()
                self.assertEqual(len(path.read_bytes()), len(good))
        path.write_bytes(with_index(good, lambda index: index))
        self.assertEqual(path.read_bytes(), good)  # or the checksums above were wrong

    def test_another_key_under_the_same_name(self):
        # As if two checksums were the same: another Python's answer, another wheel's pack.
        need_pyenv(oldest().version != newest().version, 'two Pythons')
        self.fresh()
        pack, answer = self.pack(), self.answer()
        self.python = oldest()
        self.fresh()
        others = [path for path in self.cache.iterdir() if path not in (pack, answer)]
        other_pack = next(path for path in others if path.name.startswith('pip-'))
        other_answer = next(path for path in others if path.name.startswith('python-'))
        pack.write_bytes(other_pack.read_bytes())
        answer.write_bytes(other_answer.read_bytes())
        self.python = newest()
        self.fresh()
        self.assert_remembers()

    def test_what_is_no_file_is_replaced(self):
        self.fresh()
        elsewhere = self.tmp / 'elsewhere'
        for which in (self.pack, self.answer):
            path = which()
            def link():
                shutil.copy2(path, elsewhere)
                path.unlink()
                path.symlink_to(elsewhere)
            def folder():
                path.unlink()
                (path / 'with' / 'content').mkdir(parents=True)
            def fifo():
                path.unlink()
                os.mkfifo(path, 0o600)
            def nothing():
                path.unlink()
                path.symlink_to(self.tmp / 'nothing')
            for make in (link, folder, fifo, nothing):
                with self.subTest(which=path.name, make=make.__name__):
                    make()
                    self.fresh()
                    self.assertTrue(stat.S_ISREG(path.lstat().st_mode))
        self.assertFalse((self.tmp / 'nothing').exists())
        self.assert_remembers()

    def test_a_folder_that_is_none(self):
        self.cache.parent.mkdir()
        for make in (lambda: self.cache.write_text('mine'), lambda: os.mkfifo(self.cache),
                     lambda: self.cache.symlink_to(self.tmp / 'nothing'),
                     lambda: self.cache.symlink_to('venv.hpp')):
            make()
            before = os.lstat(self.cache)
            self.fresh()
            self.assertEqual(os.lstat(self.cache).st_ino, before.st_ino)
            self.cache.unlink()

    def test_a_killed_writer_leaves_nothing_that_is_trusted(self):
        need_traces()
        self.expected()
        made = (PROGRAM, '--python', self.python.path, *self.options, self.tmp / 'killed')
        trace = self.tmp / 'calls'
        self.succeed('strace', '-o', trace, '-e', 'trace=write,fchmod', *made)
        lines = trace.read_text().splitlines()
        modes = [line for line in lines if line.startswith('fchmod(')]
        writes = len([line for line in lines if line.startswith('write(')])
        # The third file for this user alone (after the answer and the wheel's digest) is the first
        # pack: ended just before it is put in place.
        # How many files this thread writes before is not the same each time: some runs end within it.
        private = [at for at, line in enumerate(modes, 1) if ', 0600)' in line]
        self.assertEqual(len(private), self.files(), modes)
        kills = [('fchmod', private[2])] + [('write', writes * part // 10) for part in (2, 4, 6, 8)]
        half = []
        for call, when in kills:
            wipe(self.tmp / 'killed')
            wipe(self.cache)
            killed = self.execute('strace', '-o', '/dev/null', '-e', 'trace=' + call, '-e',
                                  'inject=%s:signal=KILL:when=%d' % (call, when), *made)
            half.append(len(list(self.cache.glob('*.venv.hpp-*'))))
            if call == 'fchmod':  # the others may come after the pack, or never: workers share the writes
                self.assertNotEqual(killed.code, 0)
                self.assertEqual({path.name.split('-')[0] for path in self.cache.iterdir()
                                  if '.venv.hpp-' not in path.name and path.suffix != '.lock'},
                                 {'python', 'wheel'})
            self.fresh()
            self.make(self.python, *self.options, self.tmp / 'killed')
            self.assert_works(self.tmp / 'killed')
        self.assertEqual(half[0], 1)
        # Half a file beside its place is none; it goes when nobody can be writing it.
        half = self.cache / (self.pack().name + '.venv.hpp-1-0')
        half.write_bytes(self.pack().read_bytes()[:1000])
        os.utime(half, (time.time() - 7200,) * 2)
        self.pack().unlink()
        self.fresh()
        self.assertFalse(half.exists())

    def test_bytecode_appears_whole(self):
        """One process imports the package as a trial while others still compile it."""
        need_traces()
        trace = self.tmp / 'calls'
        self.succeed('strace', '-f', '-qq', '-o', trace, '-e', 'trace=open,openat,rename', PROGRAM,
                     '--python', self.python.path, *self.options, self.tmp / 'env')
        calls = trace.read_text()
        renamed = re.findall(r'rename\("[^"]*\.pyc\.new", "[^"]*\.pyc"\) = 0', calls)
        written = re.findall(r'"[^"]*\.pyc", O_WRONLY[^)]*\) = \d', calls)
        self.assertGreater(len(renamed), 1, calls[:2000])
        self.assertEqual(written, [])

    def test_many_writers_at_once(self):
        self.expected()
        for remembered in ('nothing', 'damaged'):
            if remembered == 'damaged':
                self.pack().write_bytes(self.pack().read_bytes()[:-7])
                self.answer().write_bytes(b'')
            env_dirs = [self.tmp / ('%s-%d' % (remembered, number)) for number in range(16)]
            processes = [subprocess.Popen([PROGRAM, '--python', self.python.path, *self.options, str(env_dir)],
                                          env=self.environment(), stderr=subprocess.PIPE)
                         for env_dir in env_dirs]
            for process in processes:
                _, errors = process.communicate(timeout=300)
                self.assertEqual((process.returncode, errors), (0, b''))
            for env_dir in env_dirs:
                self.assertEqual(self.right(env_dir), self.expected())
                shutil.rmtree(env_dir)
            self.assert_nothing_left_over(self.cache)
            self.assertEqual(len(list(self.cache.iterdir())), self.files())
            self.assert_remembers()

    def test_a_full_disk(self):
        need_mounts()
        self.expected()
        self.cache.mkdir(parents=True, mode=0o700)
        for size in ('4k', '8k', '16k'):
            with self.subTest(size=size), mounted(self, self.cache, 'size=' + size):
                os.chmod(self.cache, 0o700)
                self.fresh()
                self.assertEqual([path.name for path in self.cache.glob('pip-*')], [])
                self.assert_nothing_left_over(self.cache)
                self.fresh()

    def test_a_folder_that_cannot_be_written(self):
        need_mounts()
        self.expected()
        self.cache.mkdir(parents=True, mode=0o700)
        with mounted(self, self.cache, 'size=64m'):
            os.chmod(self.cache, 0o700)
            subprocess.run(['mount', '-o', 'remount,ro', str(self.cache)], check=True)
            self.fresh()
            self.assertEqual(list(self.cache.iterdir()), [])
            subprocess.run(['mount', '-o', 'remount,rw', str(self.cache)], check=True)
            self.fresh()
            subprocess.run(['mount', '-o', 'remount,ro', str(self.cache)], check=True)
            self.assert_remembers()
            self.fresh()

    def test_places(self):
        xdg = self.tmp / 'xdg'
        self.fresh(env=self.environment(XDG_CACHE_HOME=xdg))
        self.assertEqual(len(list((xdg / 'venv.hpp').iterdir())), self.files())
        self.assertEqual(list(self.home.iterdir()), [])
        work = self.tmp / 'work'
        work.mkdir()
        self.fresh(env=self.environment(XDG_CACHE_HOME='relative'), cwd=work)
        self.assertEqual(list(work.iterdir()), [])
        self.assertEqual(len(list(self.cache.iterdir())), self.files())
        # Where nothing says, nothing is remembered, and nothing is made.
        before = everything(work)
        for changes in ({'HOME': None}, {'HOME': ''}, {'HOME': 'relative'},
                        {'HOME': self.tmp / 'no' / 'home'}):
            with self.subTest(changes):
                self.fresh(env=self.environment(**changes), cwd=work)
        self.assertEqual(everything(work), before)
        self.assertFalse((self.tmp / 'no').exists())


@contextlib.contextmanager
def mounted(case, path, options):
    """A small file system of its own at `path`."""
    need_mounts()  # this process has a mount namespace of its own: `protect`
    subprocess.run(['mount', '-t', 'tmpfs', '-o', options, 'tmpfs', str(path)], check=True)
    try:
        yield
    finally:
        run(['umount', '-l', path])


class Trust(Memory):
    """Only what this user alone could have written is looked at."""
    options = ('--no-compile-bytecode',)

    def setUp(self):
        super().setUp()
        # Every level is one that a test can change.
        self.top = self.tmp / 'top'
        self.cache = self.top / 'middle' / 'venv.hpp'
        self.where = self.environment(XDG_CACHE_HOME=self.cache.parent)
        self.fresh(env=self.where)

    def levels(self):
        return (self.pack(), self.answer(), self.cache, self.cache.parent, self.top)

    def assert_not_looked_at(self):
        """Hostile content that would be found if it were: the environment has none of it."""
        env_dir = self.tmp / 'victim'
        pack = self.pack().stat().st_ino
        starts = self.starts(env_dir, env=self.where)
        # An answer that isn't used is asked for again, a pack is written again.
        self.assertTrue(starts or self.pack().stat().st_ino != pack)
        self.assertEqual(self.right(env_dir), self.expected())
        shutil.rmtree(env_dir)

    def test_writable_by_others(self):
        for number in range(5):
            for bits in (0o020, 0o002):
                path = self.levels()[number]
                with self.subTest(path=path.name, bits=oct(bits)):
                    mode = stat.S_IMODE(path.stat().st_mode)
                    path.chmod(mode | bits)
                    self.assert_not_looked_at()
                    if path.exists():
                        path.chmod(mode)
                    self.assert_remembers(env=self.where)

    def test_another_user_s(self):
        need_root()
        for number in range(5):
            path = self.levels()[number]
            with self.subTest(path=path.name):
                os.chown(path, NOBODY, NOBODY)
                before = {path.name: path.stat().st_ino for path in self.cache.iterdir()}
                self.assert_not_looked_at()
                if path.is_dir():
                    self.assertEqual(self.inodes(), before)  # nor written
                os.chown(path, 0, 0)
                self.assert_remembers(env=self.where)

    def test_as_another_user_with_the_first_one_s_home(self):
        # What root remembered is not read by others, nor is it in their way; and the reverse, sudo.
        need_root()
        for name in ('home-of-root', 'home-of-nobody'):
            (self.tmp / name).mkdir()
        os.chmod(self.tmp, 0o755)
        os.chown(self.tmp / 'home-of-nobody', NOBODY, NOBODY)
        open_dir = self.tmp / 'open'
        open_dir.mkdir()
        os.chmod(open_dir, 0o777)
        python = system_python()
        need(python, 'the system\'s ensurepip')  # pyenv's lie in a home that others can't enter
        program = self.tmp / 'program'
        shutil.copy(PROGRAM, program)
        program.chmod(0o755)
        for user, home in ((NOBODY, 'home-of-root'), (0, 'home-of-nobody')):
            with self.subTest(user=user, home=home):
                home = self.tmp / home
                before = everything(home)
                for number in range(2):
                    env_dir = open_dir / ('%d-%d' % (user, number))
                    made = self.execute(program, '--python', python.path, env_dir,
                                        env=self.environment(HOME=home), user=user, group=user,
                                        extra_groups=[])
                    self.assertEqual(made.code, 0, str(made))
                    self.assertEqual(everything(home), before)
                    self.assertEqual(env_dir.stat().st_uid, user)
        # Each in a home of their own.
        self.succeed(program, '--python', python.path, open_dir / 'own',
                     env=self.environment(HOME=self.tmp / 'home-of-nobody'), user=NOBODY, group=NOBODY,
                     extra_groups=[])
        own = self.tmp / 'home-of-nobody' / '.cache' / 'venv.hpp'
        self.assertEqual({path.stat().st_uid for path in [own, *own.iterdir()]}, {NOBODY})
        before = everything(own)
        self.succeed(program, '--python', python.path, open_dir / 'sudo',
                     env=self.environment(HOME=self.tmp / 'home-of-nobody'))
        self.assertEqual(everything(own), before)

    def test_a_link_that_another_user_can_change(self):
        need_root()
        others = self.tmp / 'others'
        others.mkdir()
        link = others / 'link'
        link.symlink_to(self.cache.parent)
        self.where = self.environment(XDG_CACHE_HOME=link)
        self.assert_remembers(env=self.where)
        os.chown(link, NOBODY, NOBODY, follow_symlinks=False)
        self.assert_not_looked_at()
        os.chown(link, 0, 0, follow_symlinks=False)
        os.chown(others, NOBODY, NOBODY)
        self.assert_not_looked_at()

    def test_a_chain_of_links_through_another_user_s_directory(self):
        need_root()
        others, own = self.tmp / 'others', self.tmp / 'own'
        others.mkdir()
        own.mkdir()
        (own / 'first').symlink_to('../others/second')
        (others / 'second').symlink_to(own / 'third')
        (own / 'third').symlink_to(os.path.relpath(self.cache.parent, own) + '/')
        self.where = self.environment(XDG_CACHE_HOME=own / 'first')
        self.assert_remembers(env=self.where)
        os.chown(others, NOBODY, NOBODY)
        self.assert_not_looked_at()

    def test_links_that_lead_nowhere(self):
        loop = self.tmp / 'loop'
        loop.symlink_to('loop')
        self.where = self.environment(XDG_CACHE_HOME=loop)
        self.assert_not_looked_at()


class Replaced(Memory):
    """Another interpreter or wheel at the same path is another one."""

    def copied(self, source):
        """A Python of which the test can change every file: the binary and the rest linked."""
        prefix = pathlib.Path(os.path.realpath(source.path)).parents[1]
        copy = self.tmp / 'prefix'
        (copy / 'bin').mkdir(parents=True)
        for path in prefix.iterdir():
            if path.name not in ('bin', 'lib'):
                (copy / path.name).symlink_to(path)
        (copy / 'lib').mkdir()
        for path in (prefix / 'lib').iterdir():
            (copy / 'lib' / path.name).symlink_to(path)
        library = copy / 'lib' / source.name
        library.unlink()
        library.mkdir()
        for path in (prefix / 'lib' / source.name).iterdir():
            (library / path.name).symlink_to(path)
        (library / 'ensurepip').unlink()
        shutil.copytree(prefix / 'lib' / source.name / 'ensurepip', library / 'ensurepip')
        binary = copy / 'bin' / 'python3'
        shutil.copy2(os.path.realpath(source.path), binary)
        return ask(str(binary)), binary, library

    def test_an_interpreter_that_changes(self):
        source = self.python
        self.python, binary, library = self.copied(source)
        def touched():
            os.utime(binary, (1_500_000_000,) * 2)
        def replaced():
            shutil.copy2(binary, self.tmp / 'new')
            os.replace(self.tmp / 'new', binary)
        def in_place():
            before = binary.stat()
            with open(binary, 'r+b') as file:
                first = file.read(1)
                file.seek(0)
                file.write(first)
            os.utime(binary, ns=(before.st_atime_ns, before.st_mtime_ns))
        def cfg_above():
            (self.tmp / 'prefix' / 'pyvenv.cfg').write_text('')
            os.unlink(self.tmp / 'prefix' / 'pyvenv.cfg')
            (self.tmp / 'prefix' / 'bin' / 'pyvenv.cfg').write_text('x = 1\n')
        def cfg_gone():
            (self.tmp / 'prefix' / 'bin' / 'pyvenv.cfg').unlink()
        def library_upgraded():
            (library / 'new_module.py').write_text('')
        for change in (touched, replaced, in_place, cfg_above, cfg_gone, library_upgraded):
            with self.subTest(change.__name__):
                self.fresh()
                self.assert_remembers()
                change()
                self.assertTrue(self.starts('--without-pip', self.tmp / 'changed'))
                wipe(self.tmp / 'changed')

    def test_another_version_at_the_same_path(self):
        need_pyenv(oldest().version != newest().version, 'two Pythons')
        link = self.tmp / 'python3'
        versions = []
        for source in (oldest(), newest()):
            wipe(link)
            link.symlink_to(source.path)
            for _ in range(2):
                self.succeed(PROGRAM, '--python', link, self.env_dir)
                versions.append(self.succeed(self.env_dir / 'bin' / 'python', '-c',
                                             'import sys; print(sys.version_info[1])').out.strip())
                wipe(self.env_dir)
        self.assertEqual(versions, [str(oldest().version[1])] * 2 + [str(newest().version[1])] * 2)

    def test_an_environment_as_base_that_changes(self):
        # Its configuration says which Python is meant.
        for source in oldest_and_newest():
            with self.subTest(python=str(source)):
                base = self.tmp / ('base-' + source.name)
                self.make(source, '--without-pip', base)
                self.python = ask(str(base / 'bin' / 'python3'))
                for _ in range(2):
                    self.make(self.python, '--without-pip', self.env_dir)
                    home = (self.env_dir / 'pyvenv.cfg').read_text().splitlines()[0]
                    self.assertEqual(home, 'home = ' + os.path.dirname(source.path))
                    wipe(self.env_dir)
                elsewhere = self.tmp / 'elsewhere' / source.name
                elsewhere.mkdir(parents=True)
                (elsewhere / 'python3').symlink_to(source.path)
                (elsewhere / source.name).symlink_to(source.path)
                cfg = base / 'pyvenv.cfg'
                cfg.write_text(cfg.read_text().replace(os.path.dirname(source.path), str(elsewhere)))
                self.assertNotEqual(self.starts('--without-pip', self.env_dir), [])
                wipe(self.env_dir)

    def test_a_wheel_that_changes(self):
        wheels = self.tmp / 'wheels'
        wheel = repacked(bundled_wheel(self.python), wheels, '990.0')
        def install():
            self.make(self.python, '--pip-wheel-dir=%s' % wheels)
            text = (site_packages_of(self.env_dir) / 'pip' / '__init__.py').read_text()
            self.assert_works(self.env_dir, '990.0')
            wipe(self.env_dir)
            return text
        first = install()
        self.assertEqual(install(), first)
        other = repacked(bundled_wheel(self.python), self.tmp / 'other', '990.0',
                         lambda files: files.update({'pip/__init__.py': files['pip/__init__.py'] + b'# 2\n'}))
        os.replace(other, wheel)
        second = install()
        self.assertEqual(second, first + '# 2\n')
        # In place, its time set back.
        times = wheel.stat()
        third = repacked(bundled_wheel(self.python), self.tmp / 'other', '990.0',
                         lambda files: files.update({'pip/__init__.py': files['pip/__init__.py'] + b'# 3\n'}))
        with open(wheel, 'r+b') as file:
            file.truncate()
            file.write(third.read_bytes())
        os.utime(wheel, ns=(times.st_atime_ns, times.st_mtime_ns))
        self.assertEqual(install(), first + '# 3\n')
        wheel.unlink()
        self.make(self.python, '--pip-wheel-dir=%s' % wheels)
        self.assert_works(self.env_dir, bundled_wheel(self.python).name.split('-')[1])

    def test_wrappers_are_never_remembered(self):
        real = os.path.realpath(self.python.path)
        wrappers = {
            'sh': '#!/bin/sh\nexec "%s" "$@"\n' % real,
            'bash-own-name': '#!/bin/bash\nexec -a "$0" "%s" "$@"\n' % real,
            'chosen': '#!/bin/sh\nexec "${CHOSEN:-%s}" "$@"\n' % real,
        }
        # What the wrapper starts is linked, asked itself and remembered.
        self.succeed(PROGRAM, '--python', real, '--without-pip', self.env_dir)
        known = set(self.cache.glob('*'))
        self.assertEqual(len(known), 1)
        for name, text in wrappers.items():
            with self.subTest(name):
                wrapper = self.tmp / name / 'python3'
                wrapper.parent.mkdir()
                wrapper.write_text(text)
                wrapper.chmod(0o755)
                for _ in range(2):
                    wipe(self.env_dir)
                    self.succeed(PROGRAM, '--python', wrapper, '--without-pip', self.env_dir)
                self.assertEqual(set(self.cache.glob('*')), known)
        # It may choose another one the next time.
        self.succeed(PROGRAM, '--python', self.tmp / 'chosen' / 'python3', '--without-pip',
                     self.tmp / 'chosen-env', env=self.environment(CHOSEN=oldest().path))
        cfg = (self.tmp / 'chosen-env' / 'pyvenv.cfg').read_text()
        self.assertIn('version = %d.%d.%d' % oldest().version, cfg)

    def test_a_compiled_wrapper_is_never_remembered(self):
        compiler = shutil.which('cc') or shutil.which('g++')
        need(compiler, 'a C compiler')
        source = self.tmp / 'wrapper.c'
        source.write_text('#include <unistd.h>\nint main(int argc, char** argv) { (void)argc; '
                          'return execv("%s", argv); }\n' % os.path.realpath(self.python.path))
        wrapper = self.tmp / 'wrapped' / 'python3'
        wrapper.parent.mkdir()
        subprocess.run([compiler, str(source), '-o', str(wrapper)], check=True)
        self.succeed(PROGRAM, '--python', wrapper, '--without-pip', self.env_dir)
        self.assertEqual(list(self.cache.glob('*')), [])
