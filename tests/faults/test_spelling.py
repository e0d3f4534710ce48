"""On a disk that takes several spellings for one name, as those of macOS and Windows do: NTFS, by a driver
that ignores case; and one that takes letters apart."""

import os
import re
import subprocess
import unicodedata

from machine import PROGRAM, need_ability, need_command
from support import Case, names_below, newest, private_mounts
from wheels import make_wheel


class Spelling(Case):
    def setUp(self):
        super().setUp()
        for ability in ('mounts', 'loop', 'fuse'):
            need_ability(ability)
        need_command('lowntfs-3g')
        private_mounts()
        image, self.disk = self.tmp / 'ntfs.img', self.tmp / 'disk'
        self.disk.mkdir()
        subprocess.check_call(['truncate', '-s', '200M', image])
        path = os.environ['PATH'] + ':/usr/sbin:/sbin'
        device = subprocess.check_output(['losetup', '-f', '--show', image], text=True, env={'PATH': path}).strip()
        self.addCleanup(subprocess.call, ['losetup', '-d', device], env={'PATH': path})
        subprocess.check_call(['mkntfs', '-q', '-F', '-Q', device], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, env={'PATH': path})
        subprocess.check_call(['lowntfs-3g', '-o', 'ignore_case', device, self.disk])
        self.addCleanup(subprocess.call, ['umount', self.disk])

    def test_a_base_that_lies_in_the_environment_is_found_out(self):
        env, spelled = self.disk / 'Env', self.disk / 'eNV'
        self.make(newest(), '--without-pip', env)
        self.assertTrue(spelled.exists(), 'here two spellings are two names')
        before = (env / 'pyvenv.cfg').read_text()
        self.make(spelled / 'bin' / 'python', '--without-pip', '--clear', env)
        self.assertEqual((env / 'pyvenv.cfg').read_text().replace(' --clear', ''), before)
        self.works(env, newest(), pip=False)

    def test_a_home_directory_in_what_is_cleared_is_seen(self):
        mine = self.disk / 'Users' / 'me' / 'mine'
        mine.parent.mkdir(parents=True)
        mine.write_text('mine')
        result = self.venv('--clear', '--force', '--without-pip', '--python', newest().path, self.disk / 'USERS',
                           env=self.environment(HOME=mine.parent, XDG_CACHE_HOME=self.cache))
        self.fails(result, 'the home directory lies in it')
        self.assertEqual(mine.read_text(), 'mine')


class Decomposed(Case):
    """On a disk that keeps names in a form of their own, as macOS' HFS+ does: what is written as one letter is
    listed as a letter and its accent."""
    prefix = 'faults decomposed '

    def setUp(self):
        super().setUp()
        self.disk = self.refusing_disk('names=NFD', 'remembered=0')
        self.env_dir = self.disk / 'Umgebung ü'
        self.wheels = self.disk / 'Räder'
        self.wheels.mkdir()
        self.required = self.wheels / 'größer.txt'
        self.required.write_text('demo\n')
        self.wanted = ('--ensure', '-r', self.required, '--wheel-dir', self.wheels, '--offline')

    def wheel(self, version, module):
        """One with a module, a module in a package, a file beside its metadata, one elsewhere, and a program, each
        with an accent. On such a disk Python itself finds those modules by the names that are listed alone."""
        files = {'demo.py': 'def main():\n    print("%s")\n' % version, module + '.py': '',
                 'päckchen/__init__.py': '', 'päckchen/%s.py' % module: '',
                 'demo-%s.dist-info/über.txt' % version: 'x', 'demo-%s.data/data/share/ü/x' % version: 'x'}
        make_wheel(self.wheels, 'demo', version, files, '[console_scripts]\ndémo = demo:main\n', hashes=False)

    def says(self, version):
        result = self.execute(self.env_dir / 'bin' / 'démo')
        self.assertEqual((result.code, result.out), (0, version + '\n'), str(result))

    def names(self):
        """Below the environment, but for what says that it was used, and pip, which comes with packages."""
        return {unicodedata.normalize('NFC', name) for name in names_below(self.env_dir)
                if not re.match(r'\.venv\.hpp-|bin/pip|lib/[^/]*/site-packages/pip\b', name)}

    def test_the_disk_is_one(self):
        (self.disk / 'ä').touch()
        self.assertTrue((self.disk / unicodedata.normalize('NFD', 'ä')).exists())
        self.assertIn(unicodedata.normalize('NFD', 'ä'), os.listdir(self.disk))

    def test_made_used_again_checked_cleared_and_removed(self):
        self.disk = self.refusing_disk('names=NFD')
        self.home, self.env_dir = self.disk / 'Zuhause ü', self.disk / 'Umgebung ü'
        self.home.mkdir()
        for arguments in ([], [], ['--upgrade'], ['--clear', '--copies']):
            self.make(newest(), *arguments, self.env_dir)
            self.works(self.env_dir, newest())
            self.assertEqual(self.venv('--check', self.env_dir).out, '')
        self.assertEqual(self.venv('--remove', self.env_dir).code, 0)
        self.assertEqual(os.listdir(self.disk), [unicodedata.normalize('NFD', self.home.name)])

    def test_packages(self):
        self.make(newest(), '--ensure', '--without-pip', self.env_dir)
        bare = self.names()
        self.wheel('1.0', 'größe')
        self.make(newest(), *self.wanted, self.env_dir)
        self.says('1.0')
        once = self.names()
        stamp = (self.env_dir / 'pyvenv.cfg').stat().st_mtime_ns
        self.make(newest(), *self.wanted, self.env_dir)
        self.assertEqual((self.env_dir / 'pyvenv.cfg').stat().st_mtime_ns, stamp)
        self.assertEqual(self.venv('--check', self.env_dir).out, '')

        self.wheel('2.0', 'länge')
        self.required.write_text('demo >= 2\n')
        self.make(newest(), *self.wanted, self.env_dir)
        self.says('2.0')
        self.assertEqual({name.replace('größe', 'länge').replace('1.0', '2.0') for name in once}, self.names())
        self.assertEqual(self.venv('--check', self.env_dir).out, '')
        result = self.venv('--uninstall', 'demo', self.env_dir)
        self.assertEqual(result.code, 0, str(result))
        self.assertEqual(self.names(), bare)

    def test_bytecode_that_nobody_lists(self):
        self.make(newest(), '--ensure', '--without-pip', self.env_dir)
        bare = self.names()
        self.wheel('1.0', 'größe')
        self.make(newest(), *self.wanted, self.env_dir)
        for name in ('größe', 'päckchen.größe'):
            code = 'import importlib; importlib.import_module(%s)' % ascii(unicodedata.normalize('NFD', name))
            self.assertEqual(self.execute(self.env_dir / 'bin' / 'python', '-O', '-c', code).code, 0)
        self.assertEqual(len([name for name in self.names() if re.search(r'/größe\..*\.opt-1\.pyc$', name)]), 2)
        result = self.venv('--uninstall', 'demo', self.env_dir)
        self.assertEqual(result.code, 0, str(result))
        self.assertEqual(self.names(), bare)

    def test_killed_on_the_way(self):
        self.wheel('1.0', 'größe')
        killed = 0
        for number in (1, 10, 20):
            with self.subTest(number=number):
                command = [PROGRAM, '--python', newest().path, *self.wanted, self.env_dir]
                killed += self.killed_at('rename,renameat,renameat2,mkdirat,symlinkat', number, *command)
                result = self.execute(*command)
                self.assertEqual(result.code, 0, str(result))
                self.says('1.0')
                self.assertEqual(self.venv('--check', self.env_dir).out, '')
                self.assertEqual(self.venv('--remove', self.env_dir).code, 0)
                self.assertEqual([name for name in os.listdir(self.disk) if 'venv.hpp' in name], [])
        self.assertGreater(killed, 1)
