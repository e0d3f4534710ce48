"""Nothing is destroyed before it is known that it can be finished; messages name the user's file."""

import os
import subprocess

from machine import PROGRAM, need, need_command, need_root
from support import OTHER, Case, newest, shared_python, snapshot


class ClearWhatCannotBeEmptied(Case):
    """Root once put something in: refused before anything is touched, or made anew all the same."""

    def setUp(self):
        super().setUp()
        need_root()
        self.place = self.tmp / 'place'
        self.place.mkdir()
        self.env_dir = self.place / 'env'
        self.give(self.place, self.home)
        done = self.as_other(PROGRAM, '--python', shared_python().path, self.env_dir)
        self.assertEqual(done.code, 0, str(done))
        self.site_packages = next(self.env_dir.glob('lib/python*/site-packages'))

    def refused_or_made_anew(self, name, *options):
        before = snapshot(self.env_dir)
        result = self.as_other(PROGRAM, '--clear', '--python', shared_python().path, *options,
                               self.env_dir)
        if result.code != 0:
            self.fails(result, name)
            self.unchanged(before)
            return
        said = self.as_other(self.env_dir / 'bin' / 'python', '-c', 'import sys; print(sys.prefix)')
        self.assertEqual(said.out.strip(), str(self.env_dir))
        self.assertEqual(os.listdir(self.place), ['env'], 'left beside')

    def test_a_package_of_root_s(self):
        package = self.site_packages / 'sudo_package'
        (package / 'deep').mkdir(parents=True)
        (package / 'deep' / 'module.py').write_text('')
        self.refused_or_made_anew(str(package / 'deep'))

    def test_bytecode_of_root_s(self):
        folder = self.site_packages / 'pip' / '_internal' / '__pycache__'
        subprocess.check_call(['chown', '-R', '0:0', folder])
        self.refused_or_made_anew(str(folder))

    def test_a_directory_of_root_s_that_cannot_be_read(self):
        folder = self.env_dir / 'bin' / 'private'
        folder.mkdir(mode=0o700)
        (folder / 'file').write_text('')
        self.refused_or_made_anew(str(folder))

    def test_an_empty_directory_of_root_s(self):
        # The system moves no directory that this user can't write in.
        (self.env_dir / 'empty').mkdir()
        self.refused_or_made_anew(str(self.env_dir / 'empty'), '--without-pip')

    def test_an_empty_directory_of_root_s_further_below_is_no_obstacle(self):
        (self.env_dir / 'bin' / 'empty').mkdir()
        result = self.as_other(PROGRAM, '--clear', '--without-pip', '--python', shared_python().path,
                               self.env_dir)
        self.assertEqual(result.code, 0, str(result))

    def test_a_file_of_root_s_is_no_obstacle(self):
        (self.env_dir / 'bin' / 'of root').write_text('')
        result = self.as_other(PROGRAM, '--clear', '--without-pip', '--python', shared_python().path,
                               self.env_dir)
        self.assertEqual(result.code, 0, str(result))
        self.assertFalse((self.env_dir / 'bin' / 'of root').exists())

    def test_the_directory_of_root_s(self):
        os.chown(self.env_dir, 0, 0)
        self.refused_or_made_anew(str(self.env_dir), '--without-pip')

    def immutable(self, path):
        need_command('chattr')
        need(subprocess.call(['chattr', '+i', path], stderr=subprocess.DEVNULL) == 0, 'chattr +i')
        self.addCleanup(subprocess.call, ['chattr', '-i', path])

    def test_an_immutable_file(self):
        path = self.site_packages / 'pip' / 'py.typed'
        self.immutable(path)
        before = snapshot(self.env_dir)
        result = self.venv('--clear', '--python', shared_python().path, self.env_dir)
        self.fails(result, path)
        self.unchanged(before)

    def test_an_immutable_directory(self):
        path = self.env_dir / 'data'
        path.mkdir()
        (path / 'file').write_text('')
        self.immutable(path)
        before = snapshot(self.env_dir)
        result = self.venv('--clear', '--python', shared_python().path, self.env_dir)
        self.fails(result, path)
        self.unchanged(before)


class Messages(Case):
    """Name the user's file, never one of ours."""

    def names(self, name, *options, other=False):
        need_root()
        self.make(newest(), '--without-pip')
        path = self.env_dir / name
        need(subprocess.call(['chattr', '+i', path], stderr=subprocess.DEVNULL) == 0, 'chattr +i')
        self.addCleanup(subprocess.call, ['chattr', '-i', path])
        before = snapshot(self.env_dir)
        result = self.venv('--python', newest().path, '--prompt', 'x', *options, self.env_dir)
        if result.code != 0:
            self.fails(result, path)
            self.unchanged(before)

    def test_when_a_script_cannot_be_replaced(self):
        self.names('bin/activate', '--without-pip')

    def test_when_the_configuration_cannot_be_replaced(self):
        self.names('pyvenv.cfg', '--without-pip')

    def test_when_a_directory_cannot_be_written(self):
        self.names('bin', '--without-pip')

    def test_when_the_library_cannot_be_written(self):
        self.names('lib/%s/site-packages' % newest().name)

    def test_when_calls_fail(self):
        need_command('strace')
        self.make(newest(), '--without-pip')
        before = snapshot(self.env_dir)
        for call in ('rename', 'renameat2', 'openat', 'symlink', 'unlink', 'fchmod', 'write', 'link'):
            for count in (1, 2, 4, 9):
                for error in ('EIO', 'EPERM'):
                    with self.subTest(call=call, count=count, error=error):
                        result = self.execute(
                            'strace', '-f', '-qq', '-o', '/dev/null', '-e', 'trace=' + call, '-e',
                            'inject=%s:error=%s:when=%d' % (call, error, count), PROGRAM, '--python',
                            newest().path, '--without-pip', '--prompt', 'x', self.env_dir)
                        if result.code != 0:
                            self.fails(result)
                            self.unchanged(before)
                            self.assertIn(str(self.tmp), result.err)
                        else:
                            before = snapshot(self.env_dir)


class AFreshVolume(Case):
    """Has lost+found: counts as empty, and that is left alone."""

    def volume(self):
        need_root()
        need_command('mkfs.ext4')
        image = self.tmp / 'image'
        with open(image, 'wb') as file:
            file.truncate(48 << 20)
        subprocess.check_call(['mkfs.ext4', '-q', '-F', image])
        self.mount(self.env_dir, '-o', 'loop', image)
        self.assertEqual(os.listdir(self.env_dir), ['lost+found'])

    def is_left_alone(self, before):
        found = os.lstat(self.env_dir / 'lost+found')
        self.assertEqual((found.st_ino, found.st_mode), (before.st_ino, before.st_mode))

    def test_is_made_one(self):
        self.volume()
        before = os.lstat(self.env_dir / 'lost+found')
        result = self.make(newest(), '--without-pip')
        self.assertEqual(result.err, '')
        self.works(pip=False)
        self.assertTrue((self.env_dir / '.gitignore').exists())
        self.assertTrue((self.env_dir / 'CACHEDIR.TAG').exists())
        self.is_left_alone(before)

    def test_is_cleared_without_force(self):
        self.volume()
        before = os.lstat(self.env_dir / 'lost+found')
        self.make(newest(), '--without-pip', '--clear')
        self.works(pip=False)
        self.is_left_alone(before)

    def test_with_an_environment_is_cleared(self):
        self.volume()
        before = os.lstat(self.env_dir / 'lost+found')
        self.make(newest(), '--without-pip')
        (self.env_dir / 'more').write_text('')
        self.make(newest(), '--without-pip', '--clear')
        self.assertFalse((self.env_dir / 'more').exists())
        self.is_left_alone(before)

    def test_of_a_user_s_is_cleared(self):
        self.volume()
        os.chown(self.env_dir, OTHER, OTHER)
        self.give(self.home)
        before = os.lstat(self.env_dir / 'lost+found')
        for content in ('nothing', 'an environment'):
            with self.subTest(content=content):
                result = self.as_other(PROGRAM, '--clear', '--without-pip', '--python',
                                       shared_python().path, self.env_dir)
                self.assertEqual(result.code, 0, str(result))
                self.is_left_alone(before)
