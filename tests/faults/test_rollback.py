"""A rollback brings back what was there, with all that belongs to it; and what is replaced hands it
on."""

import os
import resource
import shutil
import socket
import stat
import subprocess

from machine import PROGRAM, need_root
from support import (OTHER, Case, names_below, newest, python_with_ensurepip_alone, second, shared_python,
                     site_packages_of, snapshot)

TOUCHED = ('pyvenv.cfg', 'bin/activate', 'bin/python', 'bin/activate.fish', 'bin/activate.csh')


class SomebodyElsesEnvironment(Case):
    """Root works on it."""

    def setUp(self):
        super().setUp()
        need_root()
        self.make(newest(), self.env_dir)
        self.give(self.env_dir)
        (self.env_dir / 'pyvenv.cfg').chmod(0o664)
        (self.env_dir / 'bin' / 'activate').chmod(0o664)
        (self.env_dir / 'bin' / 'activate.csh').chmod(0o600)
        os.link(self.env_dir / 'bin' / 'activate.fish', self.env_dir / 'mine.fish')
        for name in ('pyvenv.cfg', 'bin/activate'):
            os.utime(self.env_dir / name, (1600000000, 1600000000))
            os.setxattr(self.env_dir / name, 'user.note', b'mine')
        if subprocess.call(['which', 'setfacl'], stdout=subprocess.DEVNULL) == 0:
            subprocess.check_call(['setfacl', '-m', 'u:4242:rw', self.env_dir / 'bin' / 'activate'])
        self.before = snapshot(self.env_dir)

    def fails_and_takes_back(self, *arguments, **options):
        result = self.venv('--python', newest().path, *arguments, self.env_dir, **options)
        self.fails(result)
        self.unchanged(self.before)

    def test_upgrading_pip_fails(self):
        self.fails_and_takes_back('--upgrade-deps', '--prompt', 'x',
                                  env=self.environment(PIP_CONSTRAINT='/nonexistent'))

    def test_clearing_fails(self):
        self.fails_and_takes_back('--clear', '--upgrade-deps',
                                  env=self.environment(PIP_CONSTRAINT='/nonexistent'))

    def test_copying_finds_files_too_large(self):
        size = 12 << 10
        self.fails_and_takes_back('--copies', '--prompt', 'x', preexec_fn=lambda: resource.setrlimit(
            resource.RLIMIT_FSIZE, (size, size)))

    def handed_on(self, *arguments, python=None):
        self.make(python or newest(), *arguments)
        after = snapshot(self.env_dir)
        for name in TOUCHED:
            with self.subTest(name):
                self.assertEqual(after[name][1:4], self.before[name][1:4])
                self.assertEqual(after[name][7], self.before[name][7])

    def test_another_prompt_keeps_owners_modes_and_attributes(self):
        self.handed_on('--prompt', 'another')

    def test_another_python_keeps_owners_modes_and_attributes(self):
        self.handed_on('--without-pip', python=second())

    def test_copies_and_links_belong_to_the_owner_of_the_others(self):
        for options in (('--copies',), (), ('--copies',)):
            with self.subTest(options=options):
                self.make(newest(), '--without-pip', *options)
                for path in (self.env_dir / 'bin').glob('python*'):
                    self.assertEqual(path.is_symlink(), not options)
                    self.assertEqual((os.lstat(path).st_uid, os.lstat(path).st_gid), (OTHER, OTHER), path)
                self.works(pip=False)

    def test_an_upgrade_keeps_owners_modes_and_attributes(self):
        self.handed_on('--upgrade', python=second())

    def all_are(self, owner):
        for path in sorted(names_below(self.env_dir)):
            status = os.lstat(self.env_dir / path)
            self.assertEqual((status.st_uid, status.st_gid), (owner, owner), path)

    def test_what_is_new_belongs_to_who_owns_the_directory(self):
        for path in TOUCHED[2:]:
            (self.env_dir / path).unlink()
        self.make(newest())
        self.all_are(OTHER)

    def test_another_python_belongs_to_who_owns_the_directory(self):
        for options in (('--upgrade',), ('--copies',), ()):
            with self.subTest(options=options):
                self.make(second(), *options)
                self.all_are(OTHER)
                self.works(python=second())
                self.make(newest(), *options)
                self.all_are(OTHER)

    def test_what_ensurepip_makes_belongs_to_who_owns_the_directory(self):
        for script in (self.env_dir / 'bin').glob('pip*'):
            script.unlink()  # one that is there pip itself replaces, by root's
        self.make(python_with_ensurepip_alone(self.tmp / 'base', second()))
        self.all_are(OTHER)

    def test_a_pip_that_is_repaired_is_whose_it_was(self):
        pip = site_packages_of(self.env_dir) / 'pip'
        (pip / '_internal' / 'build_env.py').unlink()
        shutil.rmtree(pip / '_vendor')
        self.make(newest())
        self.all_are(OTHER)
        self.works()

    def test_one_that_is_cleared_is_root_s(self):
        self.make(newest(), '--clear')
        self.all_are(0)

    def test_what_has_another_name_elsewhere_is_not_given(self):
        secret = self.tmp / 'secret'
        secret.write_text('secret')
        os.link(secret, self.env_dir / 'bin' / 'linked')
        self.make(second())
        self.assertEqual(secret.stat().st_uid, 0)


class InThePlaceOfAScript(Case):
    def survives(self, make, name='bin/activate'):
        """Something odd there: replaced, or refused; after a failure it is back, itself."""
        self.make(newest(), '--without-pip')
        (self.env_dir / name).unlink()
        make(self.env_dir / name)
        before = snapshot(self.env_dir)
        result = self.venv('--python', newest().path, '--upgrade-deps', '--prompt', 'x', self.env_dir,
                           env=self.environment(PIP_CONSTRAINT='/nonexistent'), timeout=60)
        self.fails(result)
        self.unchanged(before)
        result = self.venv('--python', newest().path, '--without-pip', self.env_dir, timeout=60)
        if result.code == 0:
            self.works(pip=False)
        else:
            self.fails(result, name)
            self.unchanged(before)

    def test_a_fifo(self):
        self.survives(os.mkfifo)

    def test_a_socket(self):
        def bind(path):
            # Its path may be too long, so from where it lies.
            here = os.open('.', os.O_RDONLY)
            os.chdir(path.parent)
            server = socket.socket(socket.AF_UNIX)
            server.bind(path.name)
            server.close()
            os.fchdir(here)
            os.close(here)
        self.survives(bind)

    def test_a_device(self):
        need_root()
        self.survives(lambda path: os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 5)))

    def test_a_device_in_pyvenv_cfg_s_place(self):
        need_root()
        self.make(newest(), '--without-pip')
        (self.env_dir / 'pyvenv.cfg').unlink()
        os.mknod(self.env_dir / 'pyvenv.cfg', stat.S_IFCHR | 0o666, os.makedev(1, 5))  # /dev/zero
        result = self.venv('--python', newest().path, '--without-pip', self.env_dir, timeout=60)
        self.assertIn(result.code, (0, 1), str(result))

    def test_a_fifo_in_pyvenv_cfg_s_place(self):
        self.make(newest(), '--without-pip')
        (self.env_dir / 'pyvenv.cfg').unlink()
        os.mkfifo(self.env_dir / 'pyvenv.cfg')
        for options in ((), ('--upgrade',)):
            result = self.venv('--python', newest().path, '--without-pip', *options, self.env_dir,
                               timeout=60)
            self.assertIn(result.code, (0, 1), str(result))

    def test_a_directory_in_the_place_of_a_script(self):
        self.survives(lambda path: (path.mkdir(), (path / 'precious').write_text('')))

    def test_a_device_in_the_place_of_pip(self):
        need_root()
        self.make(newest(), '--without-pip')
        os.mknod(self.env_dir / 'bin' / 'pip', stat.S_IFCHR | 0o666, os.makedev(1, 7))  # /dev/full
        result = self.venv('--python', newest().path, self.env_dir, timeout=60)
        self.assertIn(result.code, (0, 1), str(result))
        if result.code == 0:
            self.works()


class Limits(Case):
    def test_a_umask_that_leaves_nothing(self):
        # What a user then makes, that user can't enter: an error and nothing left, or it works.
        place = self.tmp / 'place'
        place.mkdir()
        self.give(place, self.home)
        for mask in ('0777', '0700', '0277', '0177'):
            with self.subTest(mask=mask):
                env_dir = place / ('env' + mask)
                result = self.as_other('sh', '-c', 'umask %s; exec "$@"' % mask, 'sh', PROGRAM,
                                       '--python', shared_python().path, '--without-pip', env_dir)
                if result.code != 0:
                    self.fails(result, env_dir)
                    self.assertFalse(env_dir.exists())
                else:
                    said = self.as_other(env_dir / 'bin' / 'python', '-c', '')
                    self.assertEqual(said.code, 0, str(said))

    def test_the_largest_size_of_files_over_copies(self):
        self.make(newest(), '--without-pip', '--copies')
        before = snapshot(self.env_dir)
        for size in (200, 1000, 4000, 12000):
            with self.subTest(size=size):
                result = self.venv('--python', second().path, '--without-pip', '--copies', self.env_dir,
                                   preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)))
                self.fails(result)
                self.unchanged(before)
