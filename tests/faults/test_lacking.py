"""File systems and machines that lack something."""

import os
import shutil
import struct

from machine import PROGRAM, need, need_command, need_root
from support import Case, newest, prefix_of_links, shared_python, site_packages_of

NO_LINKS = ('EPROTO', 'EROFS', 'ENODATA', 'EACCES', 'EINVAL', 'EIO', 'EPERM', 'ENOSYS', 'ENOTSUP')


class NoLinks(Case):
    """Any failure of a link means copies and no lib64, with one warning."""

    def made_of_copies(self, error, *options):
        disk = self.refusing_disk('symlink=' + error)
        env_dir = disk / 'env'
        result = self.make(newest(), *options, env_dir)
        self.assertEqual(result.out, '')
        self.assertRegex(result.err, r'^Warning: [^\n]*\n$')
        self.assertEqual([path for path in env_dir.rglob('*') if path.is_symlink()], [])
        self.assertFalse((env_dir / 'lib64').exists())
        self.works(env_dir, newest(), pip='--without-pip' not in options)

    def test_copies_are_made(self):
        for error in NO_LINKS:
            with self.subTest(error=error):
                self.made_of_copies(error, '--without-pip')

    def test_lib64_is_left_out_of_copies(self):
        for error in NO_LINKS:
            with self.subTest(error=error):
                self.made_of_copies(error, '--without-pip', '--copies')

    def test_with_pip(self):
        self.made_of_copies('EPROTO')

    def test_again_over_what_was_made(self):
        disk = self.refusing_disk('symlink=EROFS')
        for options in ((), ('--copies',), ('--clear',), ('--upgrade',)):
            self.make(newest(), '--without-pip', *options, disk / 'env')
            self.works(disk / 'env', pip=False)

    def test_no_room_is_no_lack_of_links(self):
        for error, text in (('ENOSPC', 'No space left'), ('EDQUOT', 'quota'),
                            ('ENAMETOOLONG', 'too long')):
            with self.subTest(error=error):
                disk = self.refusing_disk('symlink=' + error)
                result = self.venv('--python', newest().path, '--without-pip', disk / 'env')
                self.fails(result, text)
                self.assertEqual(os.listdir(disk), [])


class NoTimesNoModes(Case):
    def fresh_bytecode(self, env_dir):
        """Every file of bytecode says the time and the size of its source."""
        found = 0
        for path in site_packages_of(env_dir).rglob('*.pyc'):
            source = path.parent.parent / (path.name.split('.')[0] + '.py')
            _, flags, time, size = struct.unpack('<4sIII', path.read_bytes()[:16])
            if flags == 0:
                found += 1
                status = source.stat()
                self.assertEqual((time, size), (int(status.st_mtime), status.st_size), path)
        self.assertGreater(found, 50)

    def test_bytecode_is_right_where_times_cannot_be_set(self):
        for error in ('EPERM', 'EACCES', 'ENOTSUP', 'EIO', 'ENOSYS'):
            with self.subTest(error=error):
                disk = self.refusing_disk('utimens=' + error)
                for name in ('cold', 'warm'):
                    self.make(newest(), disk / name)
                    self.works(disk / name)
                    self.fresh_bytecode(disk / name)

    def test_modes_that_cannot_be_set_are_no_error(self):
        for error in ('EPERM', 'ENOTSUP', 'EACCES', 'ENOSYS'):
            with self.subTest(error=error):
                disk = self.refusing_disk('chmod=' + error)
                self.make(newest(), disk / 'env')
                self.works(disk / 'env')
                self.make(newest(), '--copies', '--without-pip', disk / 'copies')
                self.works(disk / 'copies', pip=False)

    def test_modes_that_the_umask_gives_are_no_error(self):
        for umask in ('077', '027', '000'):
            with self.subTest(umask=umask):
                disk = self.refusing_disk('chmod=EPERM')
                for options in ((), ('--copies',)):  # the second over the first
                    result = self.shell('umask %s; exec "$@"' % umask, PROGRAM, '--python',
                                        newest().path, *options, disk / 'env')
                    self.assertEqual((result.code, result.err), (0, ''), str(result))
                    self.works(disk / 'env')

    def test_modes_that_are_all_the_same_are_no_error(self):
        for modes in ('0777', '0755'):
            with self.subTest(modes=modes):
                disk = self.refusing_disk('chmod=EPERM', 'utimens=EPERM', 'symlink=EPERM',
                                          'chown=EPERM', 'modes=' + modes)
                self.make(newest(), disk / 'env')
                self.works(disk / 'env')
                self.make(newest(), disk / 'env')
                self.works(disk / 'env')

    def test_owners_that_cannot_be_set_are_no_error(self):
        disk = self.refusing_disk('chown=EPERM')
        self.make(newest(), '--without-pip', disk / 'env')
        self.make(newest(), '--without-pip', '--prompt', 'x', disk / 'env')
        self.works(disk / 'env', pip=False)


class FilesThatCannotBeRead(Case):
    """A wheel or a remembered file that shrinks, or whose disk fails, while it is read."""

    def wheel_folder(self, *refusals):
        from support import facts
        disk = self.refusing_disk(*refusals)
        wheel = sorted(facts(newest().path)[1].glob('ensurepip/_bundled/pip-*.whl'))[-1]
        # Newer than what is bundled, so that it is taken.
        shutil.copy(wheel, disk)
        return disk

    def test_a_wheel(self):
        for refusal in ('read=EIO:0', 'read=EIO:100000', 'read=EIO:1000000', 'read=SHORT:500000'):
            with self.subTest(refusal):
                folder = self.wheel_folder(refusal)
                result = self.venv('--no-cache', '--python', newest().path, '--pip-wheel-dir', folder,
                                   self.env_dir)
                if result.code == 0:
                    self.works()
                    shutil.rmtree(self.env_dir)
                else:
                    self.fails(result, '.whl')
                    self.assertFalse(self.env_dir.exists())

    def test_what_is_remembered(self):
        self.make(newest(), self.tmp / 'warm')
        for refusal in ('read=EIO:0', 'read=EIO:4096', 'read=EIO:100000', 'read=EIO:3000000',
                        'read=SHORT:200000'):
            with self.subTest(refusal):
                disk = self.refusing_disk(refusal)
                shutil.copytree(self.cache, disk / 'venv.hpp')
                (disk / 'venv.hpp').chmod(0o700)
                os.chmod(disk, 0o700)
                env_dir = self.tmp / refusal.replace(':', ' from ')  # no PATH could hold it
                result = self.venv('--python', newest().path, env_dir,
                                   env=self.environment(XDG_CACHE_HOME=disk))
                self.assertEqual(result.code, 0, str(result))
                self.works(env_dir)


class AMachine(Case):
    def in_root(self, script, *arguments):
        need_root()
        need_command('unshare')
        return self.execute('unshare', '-m', 'sh', '-ec', 'mount --make-rprivate /; %s; exec "$@"' % script,
                            'sh', PROGRAM, *arguments)

    def test_without_dev_null(self):
        for name, script in (('an empty /dev', 'mount -t tmpfs none /dev'),
                             ('nodev', 'mount --bind /dev/null /dev/null;'
                                       ' mount -o remount,bind,nodev /dev/null'),
                             ('a directory', 'mount -t tmpfs none /dev; mkdir /dev/null')):
            for options in (('--no-cache',), ('--no-cache', '--without-pip')):
                with self.subTest(name, options=options):
                    env_dir = self.tmp / (name.replace('/', '') + str(len(options)))
                    result = self.in_root(script, '--python', newest().path, *options, env_dir)
                    self.assertEqual(result.code, 0, str(result))
                    self.works(env_dir, pip=len(options) == 1)

    def test_without_proc(self):
        result = self.in_root('mount -t tmpfs none /proc', '--python', newest().path, '--no-cache',
                              self.env_dir)
        self.assertEqual(result.code, 0, str(result))
        self.works()

    def test_that_refuses_processes(self):
        user = 54321  # nobody else's: the limit counts all processes of a user
        self.give(self.home, user=user)
        for limit in (3, 4, 6, 10):
            with self.subTest(limit=limit):
                place = self.tmp / ('place%d' % limit)
                place.mkdir()
                self.give(place, user=user)
                result = self.as_other('prlimit', '--nproc=%d' % limit, PROGRAM, '--no-cache',
                                       '--python', shared_python().path, place / 'env', user=user)
                self.assertEqual(result.code, 0, str(result))
                self.works(place / 'env')

    def test_that_refuses_some_processes(self):
        need_command('strace')
        for when in ('1', '2', '2+2', '3+3'):
            with self.subTest(when=when):
                env_dir = self.tmp / when
                result = self.execute(
                    'strace', '-f', '-qq', '-o', '/dev/null', '-e', 'trace=clone,clone3,vfork,fork', '-e',
                    'inject=clone,clone3,vfork,fork:error=EAGAIN:when=' + when, PROGRAM, '--no-cache',
                    '--python', newest().path, env_dir)
                self.assertEqual(result.code, 0, str(result))
                self.works(env_dir)

    def test_without_path(self):
        for variables in ({}, {'HOME': str(self.home)}, {'LANG': 'C'}):
            with self.subTest(variables=variables):
                env_dir = self.tmp / ('env%d%s' % (len(variables), ''.join(variables)))
                result = self.venv('--without-pip', env_dir, env=variables)
                self.assertEqual(result.code, 0, str(result))
                self.works(env_dir, pip=False)

    def test_with_an_empty_path(self):
        result = self.venv('--without-pip', self.env_dir, env={'PATH': '', 'HOME': str(self.home)})
        self.fails(result)

    def locale(self, charmap):
        need_command('localedef')
        folder = self.mount(self.tmp / 'locales', '-t', 'tmpfs', 'none')
        made = self.execute('localedef', '-i', 'en_US', '-f', charmap, folder / ('en_US.' + charmap))
        need((folder / ('en_US.' + charmap)).is_dir(), 'locales: ' + made.err)
        return folder, 'en_US.' + charmap

    def test_with_a_base_whose_name_is_not_of_the_locale(self):
        folder, name = self.locale('ISO-8859-1')
        for base in ('bé', 'ж', 'ü/日本'):
            for changes in ({'LC_ALL': name, 'LOCPATH': folder},
                            {'LC_ALL': 'C', 'PYTHONCOERCECLOCALE': '0', 'PYTHONUTF8': '0'},
                            {'LC_ALL': 'POSIX'}):
                with self.subTest(base=base, **{'locale': changes['LC_ALL']}):
                    root = self.tmp / base / changes['LC_ALL']
                    python = prefix_of_links(root, newest())
                    env_dir = self.tmp / ('env ' + base.replace('/', '') + changes['LC_ALL'])
                    result = self.venv('--python', python, env_dir,
                                       env=self.environment(LANG=None, **changes))
                    self.assertEqual(result.code, 0, str(result))
                    self.assertIn('home = %s\n' % python.parent, (env_dir / 'pyvenv.cfg').read_text())
                    self.works(env_dir)


class ALinkToNothing(Case):
    """As ENV_DIR: its target is made."""

    def made(self, target):
        result = self.make(newest(), '--without-pip')
        self.assertEqual(result.err, '')
        self.assertTrue(self.env_dir.is_symlink())
        self.assertTrue((target / 'pyvenv.cfg').exists())
        self.works(pip=False)

    def test_absolute(self):
        self.env_dir.symlink_to(self.tmp / 'scratch')
        self.made(self.tmp / 'scratch')

    def test_relative(self):
        (self.tmp / 'volume').mkdir()
        self.env_dir.symlink_to('volume/env')
        self.made(self.tmp / 'volume' / 'env')

    def test_with_directories_above_that_are_gone_too(self):
        self.env_dir.symlink_to(self.tmp / 'scratch' / 'user' / 'env')
        self.made(self.tmp / 'scratch' / 'user' / 'env')

    def test_through_another_link(self):
        self.env_dir.symlink_to(self.tmp / 'second')
        (self.tmp / 'second').symlink_to(self.tmp / 'third')
        self.made(self.tmp / 'third')

    def test_above_it(self):
        # As where a home's folder is a link to a scratch disk that was purged.
        for number, target in enumerate(('scratch', self.tmp / 'purged' / 'user', 'link')):
            with self.subTest(target=target):
                (self.tmp / 'link').symlink_to('far/away')
                above = self.tmp / ('above%d' % number)
                above.symlink_to(target)
                self.make(newest(), '--without-pip', above / 'projects' / 'env')
                self.works(above / 'projects' / 'env', pip=False)
                result = self.venv('--python', newest().path, '--upgrade-deps', above / 'other' / 'env',
                                   env=self.environment(PIP_CONSTRAINT='/nonexistent'))
                self.fails(result)
                self.assertEqual(os.listdir(above), ['projects'])
                (self.tmp / 'link').unlink()

    def test_above_it_a_failure_leaves_nothing(self):
        self.env_dir.symlink_to(self.tmp / 'scratch' / 'user')
        result = self.venv('--python', newest().path, '--upgrade-deps', self.env_dir / 'env',
                           env=self.environment(PIP_CONSTRAINT='/nonexistent'))
        self.fails(result)
        self.assertTrue(self.env_dir.is_symlink())
        self.assertFalse((self.tmp / 'scratch').exists())

    def test_to_clear(self):
        self.env_dir.symlink_to(self.tmp / 'scratch')
        self.make(newest(), '--without-pip', '--clear')
        self.works(pip=False)

    def test_a_failure_leaves_the_link_alone(self):
        self.env_dir.symlink_to(self.tmp / 'scratch')
        result = self.venv('--python', newest().path, '--upgrade-deps', self.env_dir,
                           env=self.environment(PIP_CONSTRAINT='/nonexistent'))
        self.fails(result)
        self.assertTrue(self.env_dir.is_symlink())
        self.assertFalse((self.tmp / 'scratch').exists())

    def test_a_loop_is_named(self):
        for links in ({'env': 'env'}, {'env': 'one', 'one': 'two', 'two': 'env'}):
            with self.subTest(links=links):
                for name, target in links.items():
                    (self.tmp / name).symlink_to(target)
                for env_dir in (self.env_dir, self.env_dir / 'below' / 'it'):
                    result = self.venv('--python', newest().path, '--without-pip', env_dir)
                    self.fails(result, self.env_dir)
                    self.assertRegex(result.err, '(?i)loop|symbolic links|itself')
                for name in links:
                    (self.tmp / name).unlink()
