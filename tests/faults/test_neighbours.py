"""Neighbours who can write: links and mounts in the way lead nowhere."""

import os
import pathlib
import shutil
import stat

from machine import PROGRAM, need_command, need_root
from support import Case, names_below, newest, second, snapshot


class AnotherProcess(Case):
    def test_that_takes_the_configuration_away_meanwhile(self):
        # The first look at what is there is before the lock: another run may be at work.
        need_command('strace')
        self.make(second(), '--without-pip')
        result = self.execute('strace', '-qq', '-o', '/dev/null', '-P', self.env_dir / 'pyvenv.cfg', '-e',
                              'trace=openat', '-e', 'inject=openat:error=ENOENT:when=1', PROGRAM,
                              '--python', newest().path, '--without-pip', self.env_dir)
        self.assertEqual(result.code, 0, str(result))
        self.works(python=newest(), pip=False)


class ALinkPutInPlace(Case):
    def test_no_mode_is_set_by_name(self):
        # A name may lead elsewhere a moment later; a descriptor can't.
        need_command('strace')
        for options in ((), ('--copies', '--without-pip')):
            calls = self.tmp / 'calls'
            self.execute('strace', '-f', '-qq', '-o', calls, '-e', 'trace=chmod,fchmodat,chown,lchown',
                         PROGRAM, '--python', newest().path, *options, self.tmp / ('env' + str(options)))
            self.assertEqual([line for line in calls.read_text().splitlines() if '= 0' in line], [])

    def swapped(self, name, calls):
        secret = self.tmp / 'secret'
        secret.write_text('secret\n')
        secret.chmod(0o600)
        path = self.env_dir / 'bin' / name

        def swap():
            try:
                os.lstat(path)
            except OSError:
                return False
            if path.is_symlink():
                return True
            link = self.tmp / 'link'
            if not link.is_symlink():
                link.symlink_to(secret)
            os.rename(link, path)
            return True
        self.delayed(calls, swap, PROGRAM, '--python', newest().path, self.env_dir, seconds=0.02)
        self.assertEqual(stat.S_IMODE(secret.stat().st_mode), 0o600)
        self.assertEqual(secret.read_text(), 'secret\n')

    def test_of_pip_s_scripts_gives_no_mode_to_its_target(self):
        self.make(newest(), self.tmp / 'warm')
        for name in ('pip', 'pip3'):
            with self.subTest(name):
                self.swapped(name, 'chmod,fchmodat,fchmod,rename,renameat2')
                shutil.rmtree(self.env_dir)
                (self.tmp / 'secret').unlink()

    def test_of_activate_gives_no_mode_to_its_target(self):
        self.swapped('activate', 'chmod,fchmodat,fchmod,rename,renameat2')


class Clear(Case):
    def swap_when(self, calls, begun):
        """ENV_DIR is a link; while it is cleared it becomes a link to what is not to be touched."""
        target, victim = self.tmp / 'target', self.tmp / 'victim'
        self.make(newest(), '--without-pip', target)
        (victim / 'bin').mkdir(parents=True)
        for name in ('pyvenv.cfg', 'precious', 'bin/precious'):
            (victim / name).write_text('home = /usr/bin\n')
        self.env_dir.symlink_to(target)
        before = snapshot(victim)

        def swap():
            if not begun(target):
                return False
            other = self.tmp / 'other'
            other.symlink_to(victim)
            os.rename(other, self.env_dir)
            return True
        self.delayed(calls, swap, PROGRAM, '--clear', '--without-pip', '--python', newest().path,
                     self.env_dir, seconds=0.15)
        for name, was in before.items():
            if name != '.':
                self.assertEqual(snapshot(victim).get(name), was, name)

    def test_empties_no_directory_swapped_in_when_it_is_locked(self):
        def locked(target):
            inode = ':%d ' % target.stat().st_ino
            return inode in pathlib.Path('/proc/locks').read_text()
        self.swap_when('newfstatat,getdents64', locked)

    def test_empties_no_directory_swapped_in_when_deletion_has_begun(self):
        names = {}

        def begun(target):
            found = len(names_below(target))  # what is old goes last, once the new one is there
            names['most'] = max(found, names.get('most', 0))
            return found < names['most']
        self.swap_when('unlink,unlinkat,rmdir,rename,renameat2,renameat', begun)

    def mounted_inside(self, place, *arguments):
        self.make(newest(), '--without-pip')
        before = None
        point = self.env_dir / place
        if arguments[0] == '--bind' and os.path.isfile(arguments[1]):
            point.parent.mkdir(parents=True, exist_ok=True)
            point.write_text('below\n')
            need_root()
            from support import private_mounts
            private_mounts()
            import subprocess
            subprocess.check_call(['mount', *map(str, arguments), point])
            self.mounted.append(str(point))
        else:
            self.mount(point, *arguments)
            (point / 'precious').write_text('precious\n')
        before = snapshot(self.env_dir)
        result = self.venv('--clear', '--without-pip', '--python', newest().path, self.env_dir)
        self.fails(result, point)
        self.unchanged(before)

    def test_crosses_no_file_system_mounted_inside(self):
        self.mounted_inside('data', '-t', 'tmpfs', '-o', 'size=1m', 'none')

    def test_crosses_no_file_system_mounted_deep_inside(self):
        self.mounted_inside('lib/python3/site-packages/cache/data', '-t', 'tmpfs', '-o', 'size=1m',
                            'none')

    def test_crosses_no_directory_bound_inside(self):
        source = self.tmp / 'source'
        source.mkdir()
        self.mounted_inside('data', '--bind', source)

    def test_crosses_no_file_bound_inside(self):
        source = self.tmp / 'settings'
        source.write_text('precious\n')
        self.mounted_inside('etc/settings', '--bind', source)

    def test_with_force_crosses_none_either(self):
        (self.env_dir / 'own').mkdir(parents=True)
        self.tmpfs(self.env_dir / 'own' / 'data', 'size=1m')
        (self.env_dir / 'own' / 'data' / 'precious').write_text('')
        before = snapshot(self.env_dir)
        result = self.venv('--clear', '--force', '--without-pip', '--python', newest().path,
                           self.env_dir)
        self.fails(result, self.env_dir / 'own' / 'data')
        self.unchanged(before)

    def test_of_a_mount_empties_it(self):
        self.tmpfs(self.env_dir)
        self.make(newest(), '--without-pip')
        (self.env_dir / 'more').write_text('')
        self.make(newest(), '--without-pip', '--clear')
        self.assertTrue(os.path.ismount(self.env_dir))
        self.assertFalse((self.env_dir / 'more').exists())
        self.works(pip=False)


class ALinkOnTheWay(Case):
    """Is not followed and filled: refused with its name, or replaced."""

    def leads_nowhere(self, name, *options):
        elsewhere = self.tmp / 'elsewhere'
        elsewhere.mkdir()
        (elsewhere / 'precious').write_text('')
        (self.env_dir / name).parent.mkdir(parents=True, exist_ok=True)
        (self.env_dir / name).symlink_to(elsewhere)
        before = snapshot(elsewhere)
        result = self.venv('--python', newest().path, *options, self.env_dir)
        self.unchanged(before, elsewhere)
        if result.code != 0:
            self.fails(result, name)
            self.assertTrue((self.env_dir / name).is_symlink())
        else:
            self.works(pip='--without-pip' not in options)

    def test_at_lib(self):
        self.leads_nowhere('lib', '--without-pip')

    def test_at_lib_with_pip(self):
        self.leads_nowhere('lib')

    def test_in_lib(self):
        self.leads_nowhere('lib/' + newest().name)

    def test_at_site_packages(self):
        self.leads_nowhere('lib/%s/site-packages' % newest().name)

    def test_at_include(self):
        self.leads_nowhere('include', '--without-pip')

    def test_at_bin(self):
        self.leads_nowhere('bin', '--without-pip')

    def test_at_lib_of_an_environment(self):
        self.make(newest(), '--without-pip')
        shutil.rmtree(self.env_dir / 'lib')
        self.leads_nowhere('lib')

    def test_at_pip_s_folder(self):
        self.make(newest(), '--without-pip')
        self.leads_nowhere('lib/%s/site-packages/pip' % newest().name)
