"""Directories that exist already: environments of the same Python, of another one, damaged ones,
full ones."""

import os
import shutil

from machine import (PROGRAM, ask, entry, need_command, need_mounts, need_pyenv, need_root, pythons,
                     wipe)
from support import Case, about, environment, newest, read_cfg, run, snapshot

KINDS = ('--symlinks', '--copies')


def fill(env_dir):
    """What users leave in an environment, with a link that leads out of it."""
    package = next(env_dir.glob('lib/py*/site-packages')) / 'package'
    package.mkdir()
    (package / '__init__.py').write_text('answer = 42\n')
    (env_dir / 'bin' / 'tool').write_text('#!/bin/sh\n')
    (env_dir / 'bin' / 'tool').chmod(0o755)
    (env_dir / 'bin' / 'python-config').write_text('a tool\n')
    (env_dir / 'share').mkdir()
    (env_dir / 'share' / 'read-only').write_text('text\n')
    (env_dir / 'share' / 'read-only').chmod(0o400)
    (env_dir / 'share' / 'outside').symlink_to(env_dir.parent / 'outside')
    (env_dir.parent / 'outside').mkdir(exist_ok=True)
    (env_dir.parent / 'outside' / 'precious').write_text('precious\n')


class SamePython(Case):
    def test_again(self):
        for python in pythons():
            for first, then in (((), ()), (('--system-site-packages', '--prompt', 'p'), ()),
                                ((), ('--system-site-packages', '--prompt', 'p')),
                                ((), ('--upgrade',)),
                                (('--system-site-packages', '--prompt', 'p'), ('--upgrade',)),
                                (('--copies',), ('--copies',)),
                                ((), ('--clear',)), (('--copies',), ('--clear',)),
                                ((), ('--clear', '--copies'))):
                with self.subTest(python=str(python), first=first, then=then):
                    def prepare(env_dir):
                        self.reference(python, '--without-pip', *first, env_dir)
                        fill(env_dir)
                    self.compare(python, '--without-pip', *then, prepare=prepare)
                    self.assertEqual((self.tmp / 'outside' / 'precious').read_text(), 'precious\n')

    def test_links_over_copies_and_copies_over_links(self):
        # The reference leaves copies, and fails: "are the same file".
        for python in pythons():
            for before, after in (KINDS, KINDS[::-1]):
                for upgrade in ((), ('--upgrade',)):
                    with self.subTest(python=str(python), after=after, upgrade=upgrade):
                        env_dir = self.tmp / 'env'
                        wipe(env_dir)
                        self.reference(python, '--without-pip', after, *upgrade, env_dir)
                        expected = self.look(python, env_dir)
                        wipe(env_dir)
                        self.reference(python, '--without-pip', before, env_dir)
                        if upgrade:
                            for script in (env_dir / 'bin').glob('[aA]ctivate*'):
                                script.unlink()
                        self.make(python, '--without-pip', after, *upgrade, env_dir)
                        ours = self.look(python, env_dir)
                        ours[0].pop('.gitignore', None)
                        expected[0].pop('.gitignore', None)
                        self.assert_same(python, expected, ours)

    def test_a_directory_with_other_things(self):
        def prepare(env_dir):
            (env_dir / 'lib' / 'mine').mkdir(parents=True)
            (env_dir / 'src').mkdir()
            (env_dir / 'src' / 'main.c').write_text('int main() {}\n')
            (env_dir / 'bin').mkdir(mode=0o700)
        for python in pythons():
            with self.subTest(python=str(python)):
                self.compare(python, '--without-pip', '--without-scm-ignore-files',
                             prepare=prepare)

    def test_an_ignore_file_that_is_there_is_kept(self):
        python = newest()
        (self.tmp / 'env').mkdir()
        (self.tmp / 'env' / '.gitignore').write_text('mine\n')
        self.make(python, '--without-pip', self.tmp / 'env')
        self.assertEqual((self.tmp / 'env' / '.gitignore').read_text(), 'mine\n')

    def test_unknown_keys_survive_an_upgrade_and_nothing_else(self):
        python = newest()
        env_dir = self.tmp / 'env'
        self.reference(python, '--without-pip', '--prompt', 'old', env_dir)
        with open(env_dir / 'pyvenv.cfg', 'a') as cfg:
            cfg.write('uv=0.4\n\n# a remark\nImplementation =  CPython \r\nkey = a = b\nVERSION = 2\n')
        self.make(python, '--without-pip', '--upgrade', env_dir)
        cfg = read_cfg(env_dir / 'pyvenv.cfg')
        self.assertEqual({'uv': '0.4', 'key': 'a = b'},
                         {key: cfg.get(key) for key in ('uv', 'key')})
        self.assertEqual(cfg['version'], '%d.%d.%d' % python.version)
        self.assertEqual(set(cfg), {'home', 'include-system-site-packages', 'version', 'executable',
                                    'command', 'uv', 'key'}) # what stated facts of the old Python has gone
        with open(env_dir / 'pyvenv.cfg', 'ab') as file:
            file.write(b'latin = caf\xe9\nl\xe9 = 1\n')  # with these no Python starts
        self.make(python, '--without-pip', '--upgrade', env_dir)
        self.assertEqual(read_cfg(env_dir / 'pyvenv.cfg'), cfg)
        self.assertEqual(about(env_dir / 'bin' / 'python')['prefix'], str(env_dir))
        self.make(python, '--without-pip', env_dir)
        self.assertNotIn('uv', read_cfg(env_dir / 'pyvenv.cfg'))


class AnotherPython(Case):
    """Everything agrees with the new one, whatever was there."""

    def others(self):
        found = pythons((3, 6))
        if os.path.exists('/usr/bin/pypy3'):
            found.append(ask('/usr/bin/pypy3'))
        return found

    def assert_agrees(self, old, new, before, how):
        env_dir = self.tmp / 'env'
        wipe(env_dir)
        self.reference(new, '--without-pip', *how, env_dir)
        expected = self.look(new, env_dir)
        wipe(env_dir)
        self.reference(old, '--without-pip', before, env_dir)
        fill(env_dir)
        kept = snapshot(env_dir)
        self.make(new, '--without-pip', *how, env_dir)
        ours = self.look(new, env_dir)
        for path in list(ours[0]):
            # What the old one's environment had besides its interpreter is the user's.
            if path in kept and path not in expected[0] and not path.startswith('bin/py'):
                self.assertEqual(ours[0].pop(path), kept[path])
        ours[0].pop('bin/python-config')
        for tree in (expected[0], ours[0]):
            for path in [path for path in tree if 'activate' in path.lower()]:
                del tree[path]
            tree.pop('.gitignore', None)
        self.assert_same(new, expected, ours)
        for name in os.listdir(env_dir / 'bin'):
            if name.startswith('py') and name != 'python-config':
                facts = about(env_dir / 'bin' / name)
                self.assertEqual(tuple(facts['version'][:3]), new.version)

    def made(self, python, kind, env_dir):
        self.make(python, '--without-pip', kind, env_dir)
        self.assertEqual(tuple(about(env_dir / 'bin' / 'python')['version'][:3]), python.version)

    def assert_upgraded(self, python, fresh, upgraded):
        """Nothing but what was asked for tells an upgraded environment from a fresh one."""
        for _, cfg, _ in (fresh, upgraded):
            self.assertIn('version = %d.%d.%d\n' % python.version, cfg)
        self.assertEqual(upgraded[1].replace(' --upgrade', ''), fresh[1])
        self.assertEqual(upgraded[2], fresh[2])
        self.assertEqual({**upgraded[0], 'pyvenv.cfg': ''}, {**fresh[0], 'pyvenv.cfg': ''})

    def test_created_or_upgraded_over_another(self):
        found = self.others()
        for i, new in enumerate(found):
            if new.version < (3, 8):
                continue
            for old in {found[i - 1], found[(i + 1) % len(found)], found[0], found[-1]} - {new}:
                for before, how in (('--symlinks', ()), ('--copies', ('--copies',)),
                                    ('--symlinks', ('--upgrade',)),
                                    ('--copies', ('--upgrade', '--symlinks'))):
                    if new.implementation == 'pypy' and '--copies' in how + (before,):
                        continue  # see test_pypy_copied
                    if old.implementation == 'pypy' and before == '--copies':
                        continue
                    with self.subTest(old=str(old), new=str(new), before=before, how=how):
                        self.assert_agrees(old, new, before, how)

    def test_another_patch_release(self):
        pairs = [(old, new) for old in pythons() for new in pythons()
                 if old.version[:2] == new.version[:2] and old.version != new.version]
        need_pyenv(pairs, 'two patch releases of the same Python')
        for old, new in pairs:
            for how in ((), ('--upgrade',)):
                with self.subTest(old=str(old), new=str(new), how=how):
                    self.assert_agrees(old, new, '--symlinks', how)

    def test_another_patch_release_at_the_base_s_own_path(self):
        # As Homebrew's `opt`: the environment works on, and --upgrade makes all of it agree.
        pairs = [(old, new) for old in pythons() for new in pythons()
                 if old.version[:2] == new.version[:2] and old.version != new.version]
        need_pyenv(pairs, 'two patch releases of the same Python')
        env_dir, opt = self.tmp / 'env', self.tmp / 'opt'

        def installed(python):
            wipe(opt)
            opt.symlink_to(os.path.dirname(os.path.dirname(python.path)))
            ask.cache_clear()
            return ask(str(opt / 'bin' / python.name))
        for old, new in pairs:
            for kind in KINDS:
                for request in ((), ('--python', str(opt / 'bin' / new.name))):
                    with self.subTest(old=str(old), new=str(new), kind=kind, request=request):
                        wipe(env_dir)
                        self.made(installed(old), kind, env_dir)
                        python = installed(new)
                        facts = about(env_dir / 'bin' / 'python')
                        self.assertEqual(facts['prefix'], str(env_dir))
                        if kind == '--symlinks':
                            self.assertEqual(tuple(facts['version'][:3]), new.version)
                        done = self.venv('--upgrade', '--without-pip', kind, *request, env_dir)
                        self.assertEqual((done.code, done.err), (0, ''))
                        upgraded = self.look(python, env_dir)
                        wipe(env_dir)
                        self.made(python, kind, env_dir)
                        self.assert_upgraded(python, self.look(python, env_dir), upgraded)

    def test_base_that_was_upgraded_in_place(self):
        # The link leads to another release than the cfg says.
        for python in pythons():
            with self.subTest(python=str(python)):
                def prepare(env_dir):
                    self.reference(python, '--without-pip', env_dir)
                    cfg = env_dir / 'pyvenv.cfg'
                    cfg.write_text(cfg.read_text().replace('version = 3', 'version = 2'))
                self.compare(python, '--without-pip', '--upgrade', prepare=prepare)

    def test_base_that_is_gone(self):
        for python in pythons():
            for how in ((), ('--upgrade',), ('--clear',), ('--copies',)):
                with self.subTest(python=str(python), how=how):
                    env_dir = self.tmp / 'env'
                    gone = self.tmp / 'gone' / 'python3'
                    gone.parent.mkdir(exist_ok=True)
                    gone.symlink_to(python.path)
                    self.reference(ask(str(gone)), '--without-pip', env_dir)
                    shutil.rmtree(gone.parent)
                    self.make(python, '--without-pip', *how, env_dir)
                    self.assertFalse(gone.exists())
                    for name in os.listdir(env_dir / 'bin'):
                        if name.startswith('py'):
                            self.assertEqual(about(env_dir / 'bin' / name)['prefix'], str(env_dir))
                    self.assertEqual(read_cfg(env_dir / 'pyvenv.cfg')['home'],
                                     os.path.dirname(python.path))
                    ask.cache_clear()
                    wipe(env_dir)


class LinksInTheWay(Case):
    """A link where a file is to be written is replaced; what it leads to is not touched."""
    FILES = ('pyvenv.cfg', 'bin/activate', 'bin/activate.csh', 'bin/python', 'bin/python3')

    def test_linked_files_are_replaced_and_their_targets_untouched(self):
        python = newest()
        for options in (('--symlinks',), ('--copies',)):
            for file in (*self.FILES, 'bin/' + python.name):
                with self.subTest(options=options, file=file):
                    env_dir = self.tmp / 'env'
                    self.make(python, '--without-pip', '--symlinks', env_dir)
                    other = self.tmp / 'other'
                    other.write_text('not ours\n')
                    other.chmod(0o640)
                    before = entry(other)
                    wipe(env_dir / file)
                    (env_dir / file).symlink_to(other)
                    self.make(python, '--without-pip', *options, env_dir)
                    self.assertEqual(entry(other), before)
                    self.assertNotEqual(entry(env_dir / file), 'link to %s' % other)
                    self.assertEqual(about(env_dir / 'bin/python')['prefix'], str(env_dir))
                    wipe(env_dir)

    def test_dangling_links_are_replaced_and_never_written_through(self):
        python = newest()
        for options in (('--symlinks',), ('--copies',), ('--upgrade',)):
            for file in (*self.FILES, 'bin/' + python.name):
                if '--upgrade' in options and 'activate' in file:
                    continue
                with self.subTest(options=options, file=file):
                    env_dir = self.tmp / 'env'
                    self.make(python, '--without-pip', env_dir)
                    nothing = self.tmp / 'nothing'
                    wipe(env_dir / file)
                    (env_dir / file).symlink_to(nothing)
                    self.make(python, '--without-pip', *options, env_dir)
                    self.assertFalse(os.path.lexists(nothing))
                    self.assertTrue((env_dir / file).exists())
                    self.assertEqual(about(env_dir / 'bin/python')['prefix'], str(env_dir))
                    wipe(env_dir)

    def test_dangling_lib64_is_replaced(self):
        python = newest()
        self.make(python, '--without-pip', self.tmp / 'env')
        wipe(self.tmp / 'env' / 'lib64')
        (self.tmp / 'env' / 'lib64').symlink_to('nowhere')
        self.make(python, '--without-pip', self.tmp / 'env')
        self.assertEqual(os.readlink(self.tmp / 'env' / 'lib64'), 'lib')

    def test_linked_directories_are_refused_and_what_they_lead_to_is_untouched(self):
        python = newest()
        env_dir, other = self.tmp / 'env', self.tmp / 'other'
        for name in ('bin', 'include/' + python.name, 'lib/%s/site-packages' % python.name):
            for options in ((), ('--upgrade',)):
                with self.subTest(name=name, options=options):
                    other.mkdir()
                    (env_dir / name).parent.mkdir(parents=True)
                    (env_dir / name).symlink_to(other)
                    before = snapshot(self.tmp)
                    result = self.venv('--python', python.path, '--without-pip', *options, env_dir)
                    self.refused(result, 'is a link')
                    self.assertEqual(snapshot(self.tmp), before)
                    wipe(env_dir)
                    wipe(other)


class LeftOvers(Case):
    def test_what_killed_runs_left_goes_and_what_is_only_named_alike_stays(self):
        env_dir = self.tmp / 'env'
        (env_dir / 'bin').mkdir(parents=True)
        mine = ('my.venv-3-12', 'x.venv-1-1', 'x.venv.hpp-1', 'x.venv.hpp-1-', 'x.venv.hpp-a-1')
        for name in mine + ('aside.venv.hpp-12-0',):
            (env_dir / name).mkdir()
            (env_dir / name / 'file').write_text('text')
        (env_dir / 'bin' / 'python.venv.hpp-12-3').write_text('half')
        self.make(newest(), '--without-pip', env_dir)
        self.assertEqual({name for name in os.listdir(env_dir) if 'venv' in name},
                         {*mine, 'pyvenv.cfg'})
        self.assertFalse((env_dir / 'bin' / 'python.venv.hpp-12-3').exists())


class Clear(Case):
    def test_links_are_not_followed(self):
        python = newest()
        env_dir = self.tmp / 'env'
        self.make(python, '--without-pip', env_dir)
        fill(env_dir)
        self.make(python, '--without-pip', '--clear', env_dir)
        self.assertEqual((self.tmp / 'outside' / 'precious').read_text(), 'precious\n')
        self.assertFalse((env_dir / 'share').exists())

    def test_by_the_environment_s_own_python(self):
        # Its base lies elsewhere, even if the interpreter is a copy.
        for python in pythons():
            for kind in KINDS:
                with self.subTest(python=str(python), kind=kind):
                    env_dir = self.tmp / 'env'
                    self.make(python, '--without-pip', kind, env_dir)
                    result = self.venv('--without-pip', '--clear', '--python',
                                       env_dir / 'bin' / 'python', env_dir)
                    self.assertEqual((result.code, result.err), (0, ''))
                    facts = about(env_dir / 'bin' / 'python')
                    self.assertEqual(facts['prefix'], str(env_dir))
                    self.assertNotEqual(facts['base_prefix'], str(env_dir))
                    wipe(env_dir)

    def test_the_directory_itself_stays(self):
        env_dir = self.tmp / 'env'
        self.make(newest(), '--without-pip', env_dir)
        inode = env_dir.stat().st_ino
        self.make(newest(), '--without-pip', '--clear', env_dir)
        self.assertEqual(env_dir.stat().st_ino, inode)

    def refuses(self, env_dir, why, *options, **more):
        before = snapshot(self.tmp)
        result = self.venv('--python', newest().path, '--without-pip', '--clear', *options, env_dir,
                           **more)
        self.refused(result, why)
        self.assertEqual(snapshot(self.tmp), before)

    def test_no_environment_needs_force(self):
        (self.tmp / 'project').mkdir()
        (self.tmp / 'project' / 'main.py').write_text('print()\n')
        self.refuses(self.tmp / 'project', 'no environment')
        self.refuses(str(self.tmp / 'project') + '/', 'no environment')
        (self.tmp / 'link').symlink_to('project')
        self.refuses(self.tmp / 'link', 'no environment')
        self.make(newest(), '--without-pip', '--clear', '--force', self.tmp / 'project')
        self.assertFalse((self.tmp / 'project' / 'main.py').exists())

    def test_hidden_files_count(self):
        (self.tmp / 'project' / '.git').mkdir(parents=True)
        (self.tmp / 'project' / '.git' / 'HEAD').write_text('ref\n')
        self.refuses(self.tmp / 'project', 'no environment')

    def test_the_root_and_the_home_directory_are_always_refused(self):
        (self.home / 'pyvenv.cfg').write_text('home = /usr/bin\n')
        (self.tmp / 'link').symlink_to('home')
        for force in ((), ('--force',)):
            self.refuses(self.home, 'home directory', *force)
            self.refuses(str(self.home) + '/.', 'home directory', *force)
            self.refuses('home', 'home directory', *force, cwd=self.tmp)
            self.refuses(self.tmp / 'link', 'home directory', *force)

    def test_what_holds_the_home_directory_is_always_refused(self):
        (self.home / 'pyvenv.cfg').write_text('home = /usr/bin\n')
        for force in ((), ('--force',)):
            self.refuses(self.home.parent, 'home directory lies in it', *force)
            self.refuses('..', 'home directory lies in it', *force, cwd=self.home)

    def test_the_home_directory_of_the_account_is_always_refused(self):
        need_mounts()
        home = self.tmp / 'account'
        home.mkdir()
        (home / 'mine').write_text('mine')
        accounts = self.tmp / 'passwd'
        accounts.write_text('other:x:1::/nonexistent:/bin/sh\nroot:x:0:0:root:%s:/bin/sh\n' % home)
        for names in ({'HOME': None}, {'HOME': str(self.home)}, {'HOME': ''}):
            for force in ((), ('--force',)):
                result = run(['unshare', '-m', 'sh', '-c', 'mount --bind "$0" /etc/passwd && exec "$@"',
                              accounts, PROGRAM, '--python', newest().path, '--without-pip',
                              '--clear', *force, home], env=environment(**names))
                self.refused(result, 'it is the home directory')
                self.assertEqual(os.listdir(home), ['mine'])

    def test_the_root_is_always_refused(self):
        need_root()
        need_command('setpriv')
        for force in ((), ('--force',)):
            # As a user who could remove nothing, should it try.
            result = run(['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', PROGRAM,
                          '--python', '/usr/bin/python3', '--clear', *force, '/'], cwd='/')
            self.refused(result, "'/'")

    def test_above_the_working_directory_needs_force(self):
        env_dir = self.tmp / 'env'
        self.make(newest(), '--without-pip', env_dir)
        (env_dir / 'deep' / 'down').mkdir(parents=True)
        self.refuses('../..', 'working directory', cwd=env_dir / 'deep' / 'down')
        self.refuses(env_dir, 'working directory', cwd=env_dir / 'deep')

    def test_the_working_directory_itself_is_fine_if_an_environment(self):
        env_dir = self.tmp / 'env'
        self.make(newest(), '--without-pip', env_dir)
        self.make(newest(), '--without-pip', '--clear', '.', cwd=env_dir)
        self.assertEqual(about(env_dir / 'bin/python')['prefix'], str(env_dir))

    def test_half_made_and_empty_need_no_force(self):
        env_dir = self.tmp / 'env'
        for files in ((), ('.gitignore', 'CACHEDIR.TAG'), ('pyvenv.cfg.new', 'bin/activate')):
            for directory in ('bin', 'include/python3.13', 'lib/python3.13/site-packages'):
                (env_dir / directory).mkdir(parents=True)
            for file in files:
                (env_dir / file).write_text('')
            self.make(newest(), '--without-pip', '--clear', env_dir)
            wipe(env_dir)
