"""Nothing that was there before is lost: whatever fails, whatever is killed."""

import os
import pathlib
import shutil
import signal
import subprocess
import time

from machine import PROGRAM, need, need_command, need_root, wipe
from support import (OTHER, Case, facts, faults_of_pip, newest, prefix_of_links,
                     python_with_ensurepip_alone, second, site_packages_of, snapshot)
from wheels import make_wheel

NO_CONSTRAINTS = '/nonexistent constraints'  # what PIP_CONSTRAINT names, so that pip fails at once


class AFailingRun(Case):
    def takes_back(self, python, *arguments, **changes):
        before = snapshot(self.env_dir)
        result = self.venv('--python', python.path, *arguments, self.env_dir,
                           env=self.environment(**changes))
        self.fails(result)
        self.unchanged(before)

    def with_own_keys(self, *arguments):
        self.make(newest(), '--prompt', 'mine', '--system-site-packages', *arguments)
        with open(self.env_dir / 'pyvenv.cfg', 'a') as file:
            file.write('custom = keep\n')

    def test_keeps_pyvenv_cfg_when_pip_cannot_be_upgraded(self):
        self.with_own_keys()
        self.takes_back(newest(), '--upgrade-deps', PIP_CONSTRAINT=NO_CONSTRAINTS)

    def test_keeps_pyvenv_cfg_with_the_option_that_writes_it_last(self):
        self.with_own_keys()
        self.takes_back(newest(), '--system-site-packages', '--upgrade-deps',
                        PIP_CONSTRAINT=NO_CONSTRAINTS)

    def test_keeps_pyvenv_cfg_when_upgrading_to_another_python(self):
        self.with_own_keys('--without-pip')
        self.takes_back(second(), '--system-site-packages', '--upgrade-deps',
                        PIP_CONSTRAINT=NO_CONSTRAINTS)

    def test_keeps_pyvenv_cfg_with_copies(self):
        self.with_own_keys('--copies')
        self.takes_back(newest(), '--copies', '--upgrade-deps', '--prompt', 'other',
                        PIP_CONSTRAINT=NO_CONSTRAINTS)

    def test_keeps_a_cleared_environment(self):
        self.with_own_keys()
        self.takes_back(newest(), '--clear', '--upgrade-deps', PIP_CONSTRAINT=NO_CONSTRAINTS)

    def test_keeps_all_when_ensurepip_fails_after_it_wrote(self):
        self.with_own_keys('--without-pip')
        python = python_with_ensurepip_alone(
            self.tmp / 'base', newest(),
            'import pathlib, sys\npathlib.Path(sys.prefix, "bin", "half").write_text("half")\n'
            'pathlib.Path(sys.prefix, "pyvenv.cfg").open("a").write("by = ensurepip\\n")\n'
            'sys.exit("the reason")\n')
        before = snapshot(self.env_dir)
        self.tmpfs('/usr/share/python-wheels')
        result = self.venv('--python', python, '--system-site-packages', self.env_dir)
        self.fails(result)
        self.unchanged(before)

    def test_takes_back_the_pip_of_ensurepip(self):
        # ensurepip succeeds, what follows doesn't.
        self.make(newest(), '--without-pip')
        python = python_with_ensurepip_alone(self.tmp / 'base', newest())
        self.tmpfs('/usr/share/python-wheels')
        before = snapshot(self.env_dir)
        result = self.venv('--python', python, '--upgrade-deps', self.env_dir,
                           env=self.environment(PIP_CONSTRAINT=NO_CONSTRAINTS))
        self.fails(result)
        self.unchanged(before)

    def test_keeps_an_older_pip_that_another_ensurepip_replaced(self):
        wheel, = facts(second().path)[1].glob('ensurepip/_bundled/pip-*.whl')
        folder = self.tmp / 'older'
        folder.mkdir()
        shutil.copy(wheel, folder)
        self.make(newest(), '--without-pip')
        self.make(newest(), '--pip-wheel-dir', str(folder))
        self.takes_back(newest(), '--upgrade-deps', PIP_CONSTRAINT=NO_CONSTRAINTS)


class ARealInterpreter(Case):
    """In a directory that was no environment it is never deleted: kept, or the directory refused."""

    def stays(self, *names):
        before = {name: (self.tmp / 'pre' / name).read_bytes() for name in names}
        result = self.venv('--python', newest().path, '--without-pip', self.tmp / 'pre')
        for name, content in before.items():
            path = self.tmp / 'pre' / name
            self.assertTrue(path.is_file(), name + ' is gone: ' + str(result))
            self.assertEqual(path.read_bytes(), content, name + ': ' + str(result))
        if result.code != 0:
            self.fails(result, self.tmp / 'pre')
        return result

    def test_with_a_library_beside_it(self):
        other = second()
        (self.tmp / 'pre' / 'bin').mkdir(parents=True)
        (self.tmp / 'pre' / 'lib' / other.name).mkdir(parents=True)
        shutil.copy(facts(other.path)[2], self.tmp / 'pre' / 'bin' / other.name)
        (self.tmp / 'pre' / 'bin' / 'python3').symlink_to(other.name)
        self.stays('bin/' + other.name)

    def test_that_is_a_wrapper(self):
        (self.tmp / 'pre' / 'bin').mkdir(parents=True)
        wrapper = self.tmp / 'pre' / 'bin' / second().name
        wrapper.write_text('#!/bin/sh\nexec %s "$@"\n' % second().path)
        wrapper.chmod(0o755)
        self.stays('bin/' + second().name)

    def test_that_stands_alone(self):
        (self.tmp / 'pre' / 'bin').mkdir(parents=True)
        shutil.copy(facts(second().path)[2], self.tmp / 'pre' / 'bin' / 'python3')
        self.stays('bin/python3')

    def test_whose_prefix_the_directory_is(self):
        # As in /usr/local or ~/.local: another Python's prefix is refused, whatever the options.
        copy = prefix_of_links(self.tmp / 'pre', second())
        (copy.parent / 'python3').symlink_to(copy.name)
        for options in ((), ('--copies',), ('--upgrade',), ('--clear', '--force')):
            with self.subTest(options=options):
                before = snapshot(self.tmp / 'pre')
                result = self.venv('--python', newest().path, '--without-pip', *options,
                                   self.tmp / 'pre')
                self.fails(result, self.tmp / 'pre')
                self.unchanged(before, self.tmp / 'pre')

    def test_of_the_same_version_whose_prefix_the_directory_is(self):
        copy = prefix_of_links(self.tmp / 'pre', newest())
        before = snapshot(self.tmp / 'pre')
        result = self.venv('--python', newest().path, '--without-pip', copy.parents[1])
        self.fails(result, self.tmp / 'pre')
        self.unchanged(before, self.tmp / 'pre')


class AnUnreadableDisk(Case):
    """What can't be read for a moment is not taken for empty or missing."""

    def failing(self, call, path, when, *arguments, error='EIO'):
        return self.execute('strace', '-qq', '-o', '/dev/null', '-P', path, '-e', 'trace=' + call, '-e',
                            'inject=%s:error=%s:when=%d' % (call, error, when), PROGRAM, *arguments,
                            '--without-pip', self.env_dir)

    def test_of_a_configuration_that_is_upgraded(self):
        """Whose base and keys are what it says, if it may be read."""
        need_command('strace')
        self.make(newest(), '--without-pip')
        cfg = self.env_dir / 'pyvenv.cfg'
        cfg.write_text(cfg.read_text() + 'custom = keep\n')
        before = cfg.read_text()
        for error in ('EACCES', 'EIO'):
            for when in (1, 2):
                with self.subTest(error=error, when=when):
                    result = self.failing('openat', cfg, when, '--upgrade', error=error)
                    self.fails(result)
                    self.assertIn('pyvenv.cfg', result.err)
                    self.assertEqual(cfg.read_text(), before)

    def test_of_a_library_that_is_looked_for(self):
        """Which links lead to the base Python doesn't depend on it: `python` may itself be a link."""
        need_command('strace')
        python = newest()
        need(os.path.islink(python.path), 'a Python whose `python` is a link')
        stdlib = self.execute(python.path, '-c', 'import os; print(os.path.dirname(os.__file__))').out.strip()
        for path in (stdlib, os.path.join(stdlib, 'lib-dynload')):
            for when in range(1, 7):
                with self.subTest(path=path, when=when):
                    result = self.failing('newfstatat', path, when, '--python', python.path, '--no-cache')
                    self.assertEqual(result.code, 0, result.err)
                    self.assertEqual(os.readlink(self.env_dir / 'bin' / 'python'), python.path)
                    wipe(self.env_dir)

    def test_of_a_configuration_that_can_be_looked_at_no_more(self):
        """Its keys stay, whether it is upgraded or not."""
        need_command('strace')
        self.make(newest(), '--without-pip')
        cfg = self.env_dir / 'pyvenv.cfg'
        before = cfg.read_text() + 'custom = keep\n'
        failed = 0
        for when in range(1, 9):
            with self.subTest(when=when):
                cfg.write_text(before)
                result = self.failing('newfstatat', cfg, when, '--upgrade', error='EACCES')
                failed += result.code != 0
                self.assertIn('custom = keep\n', cfg.read_text())
        self.assertGreater(failed, 1)

    def test_under_an_environment(self):
        need_root()
        need_command('strace')
        self.make(newest(), '--without-pip')
        failed = 0
        for name in ('', 'bin', 'pyvenv.cfg', 'bin/python', 'bin/activate'):
            for call in ('openat', 'newfstatat', 'readlink'):
                for when in (1, 2, 3, 4):
                    with self.subTest(name=name, call=call, when=when):
                        self.give(self.env_dir)
                        before = snapshot(self.env_dir)
                        result = self.failing(call, self.env_dir / name, when, '--python', newest().path, '--prompt', call)
                        if result.code != 0:
                            failed += 1
                            self.fails(result)
                            self.unchanged(before)
                        for path in ('pyvenv.cfg', 'bin/python', 'bin/activate'):
                            self.assertEqual((self.env_dir / path).lstat().st_uid, OTHER)
        self.assertGreater(failed, 8)

    def test_of_what_is_to_be_cleared(self):
        need_command('strace')
        failed = 0
        for when in range(1, 21):
            with self.subTest(when=when):
                wipe(self.env_dir)
                self.make(newest(), '--without-pip')
                (self.env_dir / 'mine').write_text('mine\n')
                before = snapshot(self.env_dir)
                result = self.failing('newfstatat', self.env_dir, when, '--python', newest().path, '--clear')
                if result.code == 0:
                    self.assertFalse((self.env_dir / 'mine').exists())
                else:
                    failed += 1
                    self.fails(result)
                    self.unchanged(before)
        self.assertGreater(failed, 0)

    def test_under_what_a_killed_run_left(self):
        self.make(newest(), '--without-pip')
        self.assertTrue(self.killed_at('renameat2', 1, PROGRAM, '--python', newest().path, '--without-pip',
                                       '--prompt', 'new', self.env_dir))
        log = self.env_dir / '.venv.hpp-journal' / 'log'
        self.assertTrue(log.exists())
        for call, path in (('openat', log), ('newfstatat', log), ('newfstatat', log.parent)):
            with self.subTest(call=call, path=path.name):
                before = snapshot(self.env_dir)
                self.assertEqual(self.failing(call, path, 1, '--python', newest().path).code, 1)
                self.unchanged(before)
        self.whole('--python', newest().path, '--without-pip', self.env_dir, pip=False)


class OverAnOlderPip(Case):
    """An environment with an older pip, as often as it is needed."""

    def older_pip(self):
        wheel, = facts(second().path)[1].glob('ensurepip/_bundled/pip-*.whl')
        folder = self.tmp / 'older'
        folder.mkdir()
        shutil.copy(wheel, folder)
        self.make(newest(), '--pip-wheel-dir', str(folder), self.tmp / 'template')
        # What is remembered of the newer one is made once.
        self.make(newest(), self.tmp / 'warm')

    def fresh(self):
        # Moved there, so that what names the place is right.
        wipe(self.env_dir)
        wipe(self.tmp / 'template.copy')
        shutil.copytree(self.tmp / 'template', self.env_dir, symlinks=True)
        for path in (self.env_dir / 'bin').iterdir():
            if not path.is_symlink() and path.is_file():
                text = path.read_text()
                path.write_text(text.replace(str(self.tmp / 'template'), str(self.env_dir)))

    def ensurepip_alone(self):
        python = python_with_ensurepip_alone(self.tmp / 'base', newest())
        self.tmpfs('/usr/share/python-wheels')
        return python


class AKill(OverAnOlderPip):
    """The same command again, or another, makes whole what was killed."""
    calls = ('rename', 'renameat2', 'unlink', 'unlinkat', 'rmdir', 'link', 'mkdir')

    def test_while_an_older_pip_is_replaced(self):
        self.older_pip()
        killed = 0
        for call in self.calls:
            for count in (1, 3, 9, 25, 60, 90, 150):
                self.fresh()
                command = [PROGRAM, '--python', newest().path, self.env_dir]
                if not self.killed_at(call, count, *command):
                    break
                killed += 1
                with self.subTest(call=call, count=count):
                    if (self.env_dir / 'pyvenv.cfg').exists():
                        said = self.execute(self.env_dir / 'bin' / 'python', '-c', '')
                        self.assertEqual(said.code, 0, str(said))
                    self.whole(*command[1:], python=newest())
        self.assertGreater(killed, 10)

    def test_while_an_older_pip_is_replaced_then_another_command(self):
        self.older_pip()
        for count in (2, 20, 60, 90):
            for options in (('--without-pip',), ('--upgrade',), ('--copies', '--without-pip')):
                self.fresh()
                if not self.killed_at('rename', count, PROGRAM, '--python', newest().path,
                                      self.env_dir):
                    continue
                with self.subTest(count=count, options=options):
                    self.whole('--python', newest().path, *options, self.env_dir, python=newest())

    def test_while_ensurepip_runs(self):
        python = self.ensurepip_alone()
        started = time.monotonic()
        self.make(python, self.tmp / 'measured')
        whole = time.monotonic() - started
        for part in (0.15, 0.3, 0.5, 0.7, 0.85, 0.95):
            with self.subTest(part=part):
                wipe(self.env_dir)
                process = subprocess.Popen([PROGRAM, '--python', python, self.env_dir],
                                           env=self.environment(), stderr=subprocess.DEVNULL)
                time.sleep(part * whole)
                process.kill()
                process.wait()
                # `bin/pip` is ensurepip's own, which no `$` in a path can have.
                self.whole('--python', python, self.env_dir, pip=False)
                said = self.execute(self.env_dir / 'bin' / 'python', '-m', 'pip', '--version')
                self.assertEqual(said.code, 0, str(said))
                self.assertTrue((self.env_dir / 'bin' / 'activate').exists())

    def test_while_ensurepip_runs_then_without_pip(self):
        python = self.ensurepip_alone()
        process = subprocess.Popen([PROGRAM, '--python', python, self.env_dir],
                                   env=self.environment(), stderr=subprocess.DEVNULL)
        for _ in range(3000):
            if list(self.env_dir.glob('lib/*/site-packages/pip/__init__.py')):
                break
            time.sleep(0.005)
        process.kill()
        process.wait()
        self.whole('--python', python, '--without-pip', self.env_dir, pip=False)
        site_packages = site_packages_of(self.env_dir)
        if list(site_packages.glob('pip*')):
            self.assertEqual(faults_of_pip(self.env_dir), [])

    def test_of_ours_ends_what_it_started(self):
        # ensurepip's own child too: otherwise it goes on writing into what the next run mends.
        python = python_with_ensurepip_alone(
            self.tmp / 'base', newest(),
            'import subprocess, sys, pathlib\npathlib.Path(%r).write_text("")\n'
            'subprocess.call([sys.executable, "-c", "import time; time.sleep(20)", %r])\n'
            % (str(self.tmp / 'reached'), str(self.env_dir)))
        self.tmpfs('/usr/share/python-wheels')
        process = subprocess.Popen([PROGRAM, '--python', python, self.env_dir],
                                   env=self.environment(), stderr=subprocess.DEVNULL)
        for _ in range(2000):
            if (self.tmp / 'reached').exists():
                break
            time.sleep(0.005)
        self.assertTrue((self.tmp / 'reached').exists())
        time.sleep(0.3)
        process.kill()
        process.wait()
        for _ in range(300):
            alive = [name for name in os.listdir('/proc') if name.isdigit() and
                     os.fsencode(str(self.env_dir)) in command_of(name)]
            if not alive:
                return
            time.sleep(0.01)
        for name in alive:
            os.kill(int(name), signal.SIGKILL)
        self.fail('%d processes go on' % len(alive))

    def test_of_all_leaves_no_temporary_files_of_ensurepip(self):
        python = python_with_ensurepip_alone(
            self.tmp / 'base', newest(),
            'import os, pathlib, tempfile, time\npathlib.Path(tempfile.mkdtemp(), "wheel").touch()\n'
            'pathlib.Path(%r).write_text(str(os.getpid()))\ntime.sleep(20)\n'
            % str(self.tmp / 'reached'))
        self.tmpfs('/usr/share/python-wheels')
        temporary = self.tmp / 'temporary'
        for before in ((), ('--without-pip',)):
            for again in ('--without-pip', '--clear'):
                with self.subTest(before=before, again=again):
                    for path in (self.env_dir, temporary, self.tmp / 'reached'):
                        wipe(path)
                    temporary.mkdir()
                    if before:
                        self.make(python, *before)
                    process = subprocess.Popen([PROGRAM, '--python', python, self.env_dir],
                                               env=self.environment(TMPDIR=str(temporary)),
                                               stderr=subprocess.DEVNULL)
                    child = self.wait_for(self.tmp / 'reached')
                    process.kill()
                    os.kill(child, signal.SIGKILL)
                    process.wait()
                    self.assertEqual(os.listdir(temporary), [])
                    self.whole('--python', python, '--without-pip', again, self.env_dir, pip=False)

    def test_of_ours_keeps_others_out_until_ensurepip_has_ended(self):
        # It is asked to end and takes half a second for it: what it writes until then is taken back.
        python = python_with_ensurepip_alone(
            self.tmp / 'base', newest(),
            'import os, pathlib, signal, sys, time\n'
            'def end(*_):\n    time.sleep(0.5)\n    pathlib.Path(sys.prefix, "late").touch()\n    os._exit(1)\n'
            'signal.signal(signal.SIGTERM, end)\n'
            'pathlib.Path(%r).write_text(str(os.getpid()))\ntime.sleep(20)\n'
            % str(self.tmp / 'reached'))
        self.tmpfs('/usr/share/python-wheels')
        process = subprocess.Popen([PROGRAM, '--python', python, self.env_dir],
                                   env=self.environment(), stderr=subprocess.DEVNULL)
        self.wait_for(self.tmp / 'reached')
        process.kill()
        process.wait()
        self.whole('--python', python, '--without-pip', '--clear', self.env_dir, pip=False)
        time.sleep(0.7)
        self.assertFalse((self.env_dir / 'late').exists())

    def wait_for(self, path):
        """The number that is written into a file."""
        for _ in range(4000):
            if path.exists() and path.read_text():
                return int(path.read_text())
            time.sleep(0.005)
        self.fail('%s is not written' % path)

    def test_in_a_cleared_environment_s_middle(self):
        self.make(newest(), self.tmp / 'template')
        for call in ('rename', 'unlinkat', 'unlink', 'rmdir', 'mkdir'):
            for count in (1, 4, 30, 70):
                self.fresh()
                if not self.killed_at(call, count, PROGRAM, '--clear', '--python', newest().path,
                                      self.env_dir):
                    break
                with self.subTest(call=call, count=count):
                    self.whole('--python', newest().path, '--clear', self.env_dir, python=newest())


class WhatAKilledPipLeft(OverAnOlderPip):
    """pip renames what it is about to delete (`~ip`). Killed there, it leaves those names, and an older pip
    of which a part is still in its place, with no metadata or with metadata under such a name."""

    STATES = {
        'metadata renamed': lambda pip, info: info.rename(info.parent / ('~' + info.name[1:])),
        'by an older pip': lambda pip, info: info.rename(info.parent / ('-' + info.name[1:])),
        'both renamed': lambda pip, info: [path.rename(path.parent / ('~' + path.name[1:]))
                                           for path in (info, pip)],
        'modules renamed': lambda pip, info: pip.rename(pip.parent / '~ip'),
        'half the modules renamed': lambda pip, info: [
            info.rename(info.parent / ('~-p' + info.name[3:])), (pip.parent / '~ip').mkdir(),
            (pip / '_internal').rename(pip.parent / '~ip' / '_internal')],
        'half the renamed deleted': lambda pip, info: [
            shutil.copytree(pip, pip.parent / '~ip'), shutil.rmtree(pip.parent / '~ip' / '_vendor'),
            info.rename(info.parent / ('~' + info.name[1:]))],
    }

    def leave(self, state):
        """What is renamed, with all that is told of it."""
        self.fresh()
        site_packages = site_packages_of(self.env_dir)
        info, = site_packages.glob('pip-*.dist-info')
        self.STATES[state](site_packages / 'pip', info)
        return {path: snapshot(path) for path in site_packages.glob('[-~]*')}

    def kept(self, renamed):
        for path, before in renamed.items():
            self.unchanged(before, path)

    def test_does_not_mix_with_the_pip_that_is_installed(self):
        self.older_pip()
        for state in self.STATES:
            with self.subTest(state=state):
                renamed = self.leave(state)
                self.whole('--python', newest().path, self.env_dir, python=newest())
                self.kept(renamed)

    def test_does_not_mix_with_the_pip_of_ensurepip(self):
        self.older_pip()
        python = self.ensurepip_alone()
        for state in self.STATES:
            if state == 'by an older pip':  # under which no pip of today installs anything
                continue
            with self.subTest(state=state):
                renamed = self.leave(state)
                self.whole('--python', python, self.env_dir, pip=False)
                self.assertEqual(faults_of_pip(self.env_dir), [])
                self.kept(renamed)

    def test_is_named_with_what_to_do(self):
        self.make(newest(), '--without-pip')
        left = site_packages_of(self.env_dir) / '~ip-23.2.1.dist-info'
        left.mkdir()
        said = self.venv('--check', self.env_dir)
        self.assertIn(str(left), said.out + said.err)
        self.assertIn('delete it', said.out + said.err)
        self.assertNotIn('install it again', said.out + said.err)

    def test_stays_while_what_was_killed_above_it_is_taken_back(self):
        self.older_pip()
        killed = 0
        for state, call, count, options in (
                ('metadata renamed', 'renameat2', 1, ()), ('metadata renamed', 'rename', 20, ('--upgrade',)),
                ('half the modules renamed', 'rename', 2, ('--without-pip',)),
                ('half the modules renamed', 'rename', 20, ()), ('modules renamed', 'unlinkat', 1, ('--upgrade',)),
                ('half the renamed deleted', 'rmdir', 1, ('--without-pip',)), ('both renamed', 'rename', 3, ())):
            renamed = self.leave(state)
            command = [PROGRAM, '--python', newest().path, self.env_dir]
            if not self.killed_at(call, count, *command):
                continue
            killed += 1
            with self.subTest(state=state, call=call, count=count, options=options):
                self.whole('--python', newest().path, *options, self.env_dir, python=newest(),
                           pip='--without-pip' not in options)
                self.whole(*command[1:], python=newest())
                self.kept(renamed)
        self.assertGreater(killed, 3)


def command_of(number):
    try:
        return pathlib.Path('/proc', number, 'cmdline').read_bytes()
    except OSError:
        return b''


class AnotherMinorVersion(Case):
    """What was installed for the old one can't be reached any more: said, with the way back."""

    def setUp(self):
        super().setUp()
        self.old, self.new = second(), newest()
        make_wheel(self.tmp / 'wheels', 'mine', files={'mine/__init__.py': ''},
                   points='[console_scripts]\ntool = mine:main\nother-tool = mine:main\n')
        (self.tmp / 'required.txt').write_text('mine\n')
        self.make(self.old, '--offline', '--wheel-dir', str(self.tmp / 'wheels'), '-r', str(self.tmp / 'required.txt'),
                  self.env_dir)

    def test_is_named_with_what_it_held(self):
        result = self.make(self.new)
        self.assertIn('lib/' + self.old.name, result.err)
        self.assertTrue((self.env_dir / 'lib' / self.old.name / 'site-packages' / 'mine').exists())

    def test_is_named_by_upgrade_too(self):
        result = self.make(self.new, '--upgrade')
        self.assertIn('lib/' + self.old.name, result.err)

    def test_says_how_to_get_it_back(self):
        result = self.make(self.new)
        self.assertIn(self.old.name, result.err)
        self.assertRegex(result.err, r'--python|pip|install')

    def test_leaves_no_script_whose_interpreter_is_gone(self):
        from support import dead_shebangs
        self.make(self.new)
        self.assertEqual(dead_shebangs(self.env_dir), [])

    def test_is_not_said_where_nothing_was_installed(self):
        self.make(self.old, '--without-pip', self.tmp / 'empty')
        result = self.make(self.new, '--without-pip', self.tmp / 'empty')
        self.assertEqual(result.err, '')

    def test_of_another_tool_leaves_no_script_that_points_to_nothing(self):
        # As uv leaves them.
        (self.env_dir / 'pyvenv.cfg').write_text(
            'home = %s\nimplementation = CPython\nuv = 0.9.0\nversion_info = %s\n'
            % (os.path.dirname(self.old.path), '%d.%d.%d' % self.old.version))
        for name in ('activate.bat', 'deactivate.bat', 'pydoc.bat', 'activate.ps1'):
            (self.env_dir / 'bin' / name).write_text('@set VIRTUAL_ENV=%s\n' % self.env_dir)
        self.make(self.new)
        left = [name for name in ('activate.bat', 'activate.ps1')
                if (self.env_dir / 'bin' / name).exists()
                and '@set VIRTUAL_ENV' in (self.env_dir / 'bin' / name).read_text()]
        self.assertEqual(left, [])
