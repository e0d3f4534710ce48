"""On a disk that takes several spellings for one name, as those of macOS and Windows do: NTFS, by a driver
that ignores case."""

import os
import subprocess

from machine import need_ability, need_command
from support import Case, newest, private_mounts


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
