"""--link-mode: what environments share, that it is what copies are, and that an edit in one stays there."""

import contextlib
import os
import shutil
import subprocess

from machine import PROGRAM, need_command, need_mounts, need_root, need_traces
from support import (Case, bytecode_of, has_setuptools, installed, make_wheel, newest, oldest_and_newest,
                     site_packages_of)

MODES = ('copy', 'clone', 'hardlink', 'symlink')
COPIED = "Warning: the files of pip are copies: they can't be shared here\n"


def all_copied():
    """The same of all that the newest Python bundles."""
    return (COPIED.replace('pip', 'setuptools') if has_setuptools(newest()) else '') + COPIED


def files_of(env_dir):
    """The files of site-packages that pip's wheel brought."""
    return [path for path in sorted(site_packages_of(env_dir).rglob('*'))
            if path.name not in ('RECORD', 'INSTALLER', 'REQUESTED')
            and (path.is_symlink() or path.is_file())]


def shared_by(one, two):
    """How many files are the same ones in both."""
    pairs = zip(files_of(one), files_of(two))
    return sum(os.path.samestat(a.stat(), b.stat()) for a, b in pairs)


class LinkModes(Case):
    prefix = 'venv-link-'

    def setUp(self):
        super().setUp()
        self.made = 0

    def fresh(self, mode, *options, python=None, said='', **how):
        env_dir = self.tmp / ('env-%d' % self.made)
        self.made += 1
        result = self.venv('--python', (python or newest()).path, '--link-mode', mode, *options, env_dir, **how)
        self.assertEqual((result.code, result.out, result.err), (0, '', said), str(result))
        return env_dir

    def contents(self, env_dir):
        """What is installed, whatever is a link, and without what depends on the path."""
        found = {name: row for name, row in installed(env_dir).items()
                 if not name.startswith('bin/') and not name.endswith('RECORD')}
        record = found.pop('rows of ' + next(site_packages_of(env_dir).glob('pip-*.dist-info')).name)
        modes = {path.relative_to(env_dir): (path.stat().st_mode, b'' if path.suffix == '.pyc' else path.read_bytes())
                 for path in files_of(env_dir)}
        return sorted(found), modes, {row for row in record if '/bin/' not in row[0]}

    def kept(self, ending=''):
        found, = [path for path in self.cache.glob('pip-*-files-*' + ending)
                  if ending or not path.name.endswith('.kept')]
        return found

    def test_hold_what_copies_hold(self):
        for python in oldest_and_newest():
            for options in ((), ('--no-compile-bytecode',)):
                wanted = self.contents(self.fresh('copy', *options, python=python))
                for mode in ('hardlink', 'symlink'):
                    for _ in range(2):
                        with self.subTest(str(python), mode=mode, options=options):
                            env_dir = self.fresh(mode, *options, python=python)
                            self.assertEqual(self.contents(env_dir), wanted)
                            self.assert_whole(env_dir)

    def test_the_first_one_shares_too(self):
        for mode in ('hardlink', 'symlink'):
            shutil.rmtree(self.cache, ignore_errors=True)
            one, two = self.fresh(mode), self.fresh(mode)
            self.assertEqual(shared_by(one, two), len(files_of(one)), mode)
            self.assertGreater(len(files_of(one)), 500)

    def test_pip_works_and_bytecode_is_taken(self):
        for mode in MODES:
            with self.subTest(mode):
                # Where there are no clones, a warning says so; that is another test's.
                env_dir = self.tmp / mode
                self.succeed('env', '-u', 'PYTHONDONTWRITEBYTECODE', PROGRAM, '--quiet', '--python', newest().path,
                             '--link-mode', mode, env_dir)
                before = bytecode_of(env_dir)
                self.assertGreater(len(before), 300)
                self.assert_works(env_dir)
                self.assertEqual(bytecode_of(env_dir), before)
                self.pip(env_dir, 'list')
                self.assertEqual(bytecode_of(env_dir), before)

    def test_an_edit_in_one_reaches_no_later_one(self):
        for mode, name in (('hardlink', 'pip/__init__.py'), ('symlink', 'pip/_internal/main.py')):
            with self.subTest(mode):
                one = self.fresh(mode)
                path = site_packages_of(one) / name
                text = path.read_bytes()
                edited = text[:-1] + b'#'
                path.write_bytes(edited)  # in place, with the same size
                os.utime(path, (path.stat().st_atime, path.stat().st_mtime + 2))
                two = self.fresh(mode)
                self.assertEqual((site_packages_of(two) / name).read_bytes(), text)
                if mode == 'hardlink':
                    self.assertEqual(path.read_bytes(), edited)
                self.assertEqual(shared_by(one, two), len(files_of(one)) - (mode == 'hardlink'))
                self.assert_works(two)

    def test_an_edit_that_sets_the_time_back_is_found_after_an_hour(self):
        one = self.fresh('hardlink')
        path = site_packages_of(one) / 'pip' / '__init__.py'
        text, times = path.read_bytes(), (path.stat().st_atime_ns, path.stat().st_mtime_ns)
        path.write_bytes(text[:-1] + b'#')
        os.utime(path, ns=times)
        old = self.kept().stat().st_mtime - 7200
        os.utime(self.kept(), (old, old))
        two = self.fresh('hardlink')
        self.assertEqual((site_packages_of(two) / 'pip' / '__init__.py').read_bytes(), text)
        self.assertGreater(self.kept().stat().st_mtime, old)
        self.assert_whole(two)

    def test_a_mode_that_was_changed_is_found(self):
        one = self.fresh('hardlink')
        for path in files_of(one)[:5]:
            path.chmod(0o600)
        two = self.fresh('hardlink')
        self.assertEqual({path.stat().st_mode & 0o777 for path in files_of(two)}, {0o644})

    def test_what_is_missing_or_something_else_is_made_anew(self):
        wanted = self.contents(self.fresh('copy'))
        self.fresh('hardlink')
        root = self.kept() / 'files'

        def to_a_link(path):
            path.unlink()
            path.symlink_to('/etc/passwd')

        def to_a_directory(path):
            path.unlink()
            (path / 'inner').mkdir(parents=True)
        for damage in (lambda: (root / 'pip' / '__init__.py').unlink(),
                       lambda: shutil.rmtree(root / 'pip' / '_internal' / 'cli'),
                       lambda: shutil.rmtree(root),
                       lambda: to_a_link(root / 'pip' / '__init__.py'),
                       lambda: to_a_directory(root / 'pip' / '__main__.py'),
                       lambda: (root.parent / 'made').unlink()):
            damage()
            one, two = self.fresh('hardlink'), self.fresh('hardlink')
            self.assertEqual(self.contents(one), wanted)
            self.assertEqual(shared_by(one, two), len(files_of(one)))
        self.assertIn('root', open('/etc/passwd').read())

    def test_what_cannot_be_mended_is_copied_and_forgotten(self):
        wanted = self.contents(self.fresh('hardlink'))
        folder = self.kept() / 'files' / 'pip' / '_internal'
        shutil.rmtree(folder)
        folder.write_text('a file in the place of a directory')
        self.assertEqual(self.contents(self.fresh('hardlink', said=COPIED)), wanted)
        one, two = self.fresh('hardlink'), self.fresh('hardlink')
        self.assertEqual(self.contents(one), wanted)
        self.assertEqual(shared_by(one, two), len(files_of(one)))

    def test_a_damaged_pack_is_no_source(self):
        wanted = self.contents(self.fresh('hardlink'))
        pack, = [path for path in self.cache.glob('pip-*') if path.is_file()]
        with open(pack, 'r+b') as file:
            file.seek(1000)
            file.write(b'damage')
        shutil.rmtree(self.kept())
        self.assertEqual(self.contents(self.fresh('hardlink', said=COPIED)), wanted)
        self.assertEqual(self.contents(self.fresh('hardlink')), wanted)

    def test_files_have_the_mode_of_this_run(self):
        for mask, mode in ((0o022, 0o644), (0o077, 0o600), (0o027, 0o640)):
            before = os.umask(mask)
            try:
                env_dir = self.fresh('hardlink')
            finally:
                os.umask(before)
            self.assertEqual({path.stat().st_mode & 0o777 for path in files_of(env_dir)}, {mode})
            self.assertTrue(all(path.stat().st_nlink > 1 for path in files_of(env_dir)))

    def test_what_others_could_write_is_not_shared(self):
        before = os.umask(0o002)
        try:
            env_dir = self.fresh('hardlink', said=all_copied())
        finally:
            os.umask(before)
        self.assertEqual({path.stat().st_nlink for path in files_of(env_dir)}, {1})

    def test_in_another_user_s_environment_are_copies(self):
        need_root()
        self.fresh('hardlink')
        env_dir = self.fresh('copy', '--without-pip')
        for path in (env_dir, *env_dir.rglob('*')):
            os.lchown(path, 65534, 65534)
        result = self.venv('--python', newest().path, '--link-mode', 'hardlink', env_dir)
        self.assertEqual((result.code, result.err), (0, all_copied()))
        self.assertEqual({(path.stat().st_uid, path.stat().st_nlink) for path in files_of(env_dir)}, {(65534, 1)})
        self.assertEqual({path.stat().st_uid for path in (self.kept() / 'files').rglob('*')}, {0})

    def test_without_a_cache_are_copies(self):
        for mode in ('clone', 'hardlink', 'symlink'):
            env_dir = self.fresh(mode, '--no-cache', said=all_copied())
            self.assertFalse(any(path.is_symlink() or path.stat().st_nlink > 1 for path in files_of(env_dir)))
            self.assert_whole(env_dir)

    def test_on_another_disk(self):
        need_mounts()
        place = self.tmp / 'disk'
        place.mkdir()
        subprocess.check_call(['mount', '-t', 'tmpfs', 'none', place])
        self.addCleanup(subprocess.call, ['umount', place])
        for mode in MODES:
            env_dir = place / mode
            result = self.venv('--python', newest().path, '--link-mode', mode, env_dir)
            said = all_copied() if mode in ('clone', 'hardlink') else ''
            self.assertEqual((result.code, result.err), (0, said))
            self.assert_whole(env_dir)

    def test_clones_where_there_are_some(self):
        need_root()
        need_mounts()
        need_command('mkfs.btrfs')
        need_command('filefrag')
        image, place = self.tmp / 'image', self.tmp / 'disk'
        with open(image, 'wb') as file:
            file.truncate(300 << 20)
        subprocess.check_call(['mkfs.btrfs', '-q', image])
        place.mkdir()
        subprocess.check_call(['mount', '-o', 'loop', image, place])
        self.addCleanup(subprocess.call, ['umount', place])
        env = self.environment(XDG_CACHE_HOME=place / 'cache')
        for name in ('one', 'two'):
            result = self.venv('--python', newest().path, '--link-mode', 'clone', place / name, env=env)
            self.assertEqual((result.code, result.err), (0, ''))
            self.assert_whole(place / name)
        one, two = (files_of(place / name) for name in ('one', 'two'))
        self.assertFalse(any(os.path.samestat(a.stat(), b.stat()) for a, b in zip(one, two)))
        large = max(two, key=lambda path: path.stat().st_size)
        subprocess.check_call(['sync', '-f', place])
        self.assertIn('shared', subprocess.check_output(['filefrag', '-v', large], text=True))
        before = bytecode_of(place / 'two')
        self.assert_works(place / 'two')
        self.assertEqual(bytecode_of(place / 'two'), before)
        # An edit reaches nobody.
        text = large.read_bytes()
        one[two.index(large)].write_bytes(b'edited')
        self.assertEqual(large.read_bytes(), text)

    def test_a_file_with_too_many_names_is_made_anew(self):
        need_traces()
        self.fresh('hardlink')
        env_dir = self.tmp / 'traced'
        result = self.execute('strace', '-f', '-qq', '-o', self.tmp / 'trace', '-e', 'trace=linkat',
                              '-e', 'inject=linkat:error=EMLINK:when=30+200', PROGRAM, '--python', newest().path,
                              '--link-mode', 'hardlink', env_dir)
        self.assertEqual((result.code, result.err), (0, ''))
        self.assertGreater((self.tmp / 'trace').read_text().count('EMLINK'), 2)
        self.assert_works(env_dir)

    def test_several_at_once(self):
        processes = [subprocess.Popen([PROGRAM, '--python', newest().path, '--link-mode', 'hardlink',
                                       self.tmp / ('many-%d' % i)], env=self.environment(), stderr=subprocess.PIPE)
                     for i in range(8)]
        self.assertEqual([(p.communicate()[1], p.returncode) for p in processes], [(b'', 0)] * 8)
        for i in range(8):
            self.assert_whole(self.tmp / ('many-%d' % i))
        self.assertEqual(shared_by(self.tmp / 'many-0', self.tmp / 'many-7'), len(files_of(self.tmp / 'many-0')))
        self.assert_nothing_left_over(self.cache, self.tmp / 'many-0')

    def test_pip_replaces_and_never_writes_into_them(self):
        one, two = self.fresh('hardlink'), self.fresh('hardlink')
        before, place = self.contents(two), site_packages_of(one)
        self.pip(one, 'uninstall', '-y', 'pip', *['setuptools'] * has_setuptools(newest()))
        self.assertFalse([path for path in place.rglob('*') if not path.is_dir()])
        self.assertEqual(self.contents(two), before)
        self.assertEqual(self.contents(self.fresh('hardlink')), before)

    def test_without_the_cache_that_links_lead_to(self):
        env_dir = self.fresh('symlink')
        self.assertEqual(self.venv('--check', env_dir).code, 0)
        place = self.kept('.kept')
        shutil.rmtree(place)
        said = self.venv('--check', env_dir)
        self.assertEqual(said.code, 4)
        self.assertIn('is a link to \'%s' % place, said.out)
        self.assertIn('which is gone', said.out)
        self.assertIn('more of this kind', said.out)
        self.assertLess(len(said.out.splitlines()), 25)
        self.assertEqual(self.venv('--ensure', '--python', newest().path, env_dir).code, 0)
        self.assertEqual(self.venv('--check', env_dir).code, 0)
        self.assert_works(env_dir)

    def test_an_older_pip_is_replaced_by_shared_files(self):
        one = self.fresh('copy')
        with contextlib.suppress(FileNotFoundError):
            (site_packages_of(one) / 'pip' / '__init__.py').unlink()
        result = self.venv('--python', newest().path, '--link-mode', 'hardlink', one)
        self.assertEqual((result.code, result.err), (0, ''))
        self.assert_works(one)
        links = {path.stat().st_nlink for path in files_of(one) if 'pip' in path.parts}
        self.assertGreater(min(links), 1)

    def test_what_is_no_mode(self):
        result = self.venv('--link-mode', 'reflink', self.env_dir)
        self.assertEqual(result.code, 2)
        self.assertIn('--link-mode needs one of copy, clone, hardlink, symlink', result.err)
        self.assertFalse(self.env_dir.exists())


class Packages(Case):
    """The same of other packages, laid out from wheels at hand."""

    prefix = 'venv-link-'

    def setUp(self):
        super().setUp()
        self.wheels = self.tmp / 'wheels'
        files = {'demo/%s.py' % name: b'value = 1\n\ndef main():\n    print("demo")\n' for name in ('__init__', 'a', 'b')}
        files['demo/data.bin'] = bytes(range(256)) * 100
        files['demo-1.0.data/scripts/tool'] = b'#!python\nprint("tool")\n'
        make_wheel(self.wheels, 'demo', '1.0', files, '[console_scripts]\ndemo = demo:main\n')
        (self.tmp / 'asked.txt').write_text('demo\n')

    def with_demo(self, mode, *options, said=''):
        env_dir = self.tmp / ('demo-%d' % len(list(self.tmp.glob('demo-*'))))
        result = self.venv('--python', newest().path, '--link-mode', mode, '-r', self.tmp / 'asked.txt',
                           '--offline', '--wheel-dir', self.wheels, *options, env_dir)
        self.assertEqual((result.code, result.err), (0, said), str(result))
        return env_dir

    def test_hold_what_copies_hold(self):
        site_packages = 'lib/%s/site-packages/' % newest().name
        for options in ((), ('--no-compile-bytecode',)):
            self.with_demo('copy', *options)   # remembers the wheel
            wanted = everything_shared(self.with_demo('copy', *options))
            for mode in ('hardlink', 'symlink'):
                one, two = self.with_demo(mode, *options), self.with_demo(mode, *options)
                with self.subTest(mode=mode, options=options):
                    self.assertEqual(everything_shared(two), wanted)
                    self.assert_whole(two, 'demo')
                    for name in ('demo/a.py', 'demo/data.bin', 'demo-1.0.dist-info/METADATA'):
                        self.assertTrue(os.path.samefile(one / site_packages / name, two / site_packages / name))
                    self.assertEqual((two / site_packages / 'demo/a.py').is_symlink(), mode == 'symlink')
                    before = bytecode_of(two)
                    self.assertEqual(bool(before), not options)
                    for name in ('bin/tool', 'bin/demo'):   # these name their environment
                        self.assertFalse(os.path.samefile(one / name, two / name))
                        self.assertEqual(self.succeed(two / 'bin/python', two / name).out, name[4:] + '\n')
                    self.succeed('env', '-u', 'PYTHONDONTWRITEBYTECODE', two / 'bin' / 'python', '-c', 'import demo.a')
                    self.assertTrue(before.items() <= bytecode_of(two).items())

    def test_without_a_cache_nothing_is_remembered(self):
        env_dir = self.with_demo('copy', '--no-cache')
        self.assert_whole(env_dir, 'demo')
        self.assertFalse(self.cache.exists())

    def test_an_edit_in_one_reaches_no_later_one(self):
        self.with_demo('hardlink')
        one = self.with_demo('hardlink')
        path = site_packages_of(one) / 'demo' / 'a.py'
        path.write_bytes(path.read_bytes().replace(b'1', b'2'))
        os.utime(path, (1, 1))
        two = self.with_demo('hardlink')
        self.assertIn(b'value = 1', (site_packages_of(two) / 'demo' / 'a.py').read_bytes())
        self.assertIn(b'value = 2', path.read_bytes())

    def test_what_others_could_write_is_not_shared(self):
        self.with_demo('copy')
        before = os.umask(0o002)
        try:
            env_dir = self.with_demo('hardlink', said=all_copied() + COPIED.replace('pip', 'demo'))
        finally:
            os.umask(before)
        self.assert_whole(env_dir, 'demo')
        self.assertEqual((site_packages_of(env_dir) / 'demo' / 'a.py').stat().st_nlink, 1)


def everything_shared(env_dir):
    """What lies in site-packages, with modes and bytes, links followed, without what names the environment."""
    return {str(path.relative_to(env_dir)): (path.stat().st_mode, b'' if path.suffix == '.pyc' else path.read_bytes())
            for path in site_packages_of(env_dir).rglob('*') if path.is_file() and path.name != 'RECORD'}
