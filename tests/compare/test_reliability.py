"""Whatever happens in the middle: signals, kills, full disks, several processes at once."""

import errno
import os
import pathlib
import random
import resource
import shlex
import shutil
import signal
import subprocess
import time

from machine import PROGRAM, need_command, need_mounts, need_traces, pythons, wipe
from support import Case, about, environment, newest, read_cfg, run, snapshot


def processes_in(folder):
    """Processes that run a program in `folder` or have it in their arguments, by their numbers."""
    found = []
    for entry in pathlib.Path('/proc').iterdir():
        try:
            words = (entry / 'cmdline').read_bytes() if entry.name.isdigit() else b''
        except OSError:
            continue
        if os.fsencode(folder) in words and int(entry.name) != os.getpid():
            found.append(int(entry.name))
    return found


class Base(Case):
    def slow_python(self, seconds=30):
        """A Python whose ensurepip takes its time, in children of its own, and has no wheel."""
        shutil.rmtree(self.tmp / 'prefix', ignore_errors=True)
        base = newest()
        facts = run([base.path, '-c', 'import sys, os; print(sys.base_prefix); print(os.__file__)'])
        prefix, os_py = facts.out.split('\n')[:2]
        stdlib = pathlib.Path(os_py).parent
        ours = self.tmp / 'prefix' / 'lib' / stdlib.name
        (ours / 'ensurepip').mkdir(parents=True)
        for path in stdlib.iterdir():
            if path.name not in ('ensurepip', 'site-packages'):
                (ours / path.name).symlink_to(path)
        for library in pathlib.Path(prefix, 'lib').glob('libpython*'):
            (self.tmp / 'prefix' / 'lib' / library.name).symlink_to(library)
        (ours / 'ensurepip' / '__init__.py').write_text('')
        (ours / 'ensurepip' / '__main__.py').write_text(
            'import subprocess, sys, pathlib, os\n'
            'pathlib.Path(sys.prefix, "bin", "half").write_text("made by ensurepip")\n'
            'print("ensurepip speaks", flush=True)\n'
            'subprocess.call([sys.executable, "-c", "import time; time.sleep(%d)"])\n' % seconds)
        python = self.tmp / 'prefix' / 'bin' / base.name
        python.parent.mkdir()
        shutil.copy(os.path.realpath(base.path), python)
        return python

    def is_no_environment_or_works(self, env_dir):
        """Returns whether it is one; then all of it is of the same Python."""
        if not (env_dir / 'pyvenv.cfg').exists():
            return False
        facts = about(env_dir / 'bin' / 'python')
        self.assertEqual(facts['prefix'], str(env_dir))
        self.assertEqual('%d.%d.%d' % tuple(facts['version'][:3]),
                         read_cfg(env_dir / 'pyvenv.cfg')['version'])
        self.assertTrue(os.path.isdir(facts['site-packages'][0]))
        return True

    def is_environment_of(self, env_dir, python):
        self.assertTrue(self.is_no_environment_or_works(env_dir))
        self.assertEqual(read_cfg(env_dir / 'pyvenv.cfg')['version'], '%d.%d.%d' % python.version)


class Signals(Base):
    def start(self, *arguments):
        # As on Debian without python3-pip-whl: only ensurepip can help.
        need_mounts()
        return subprocess.Popen(['unshare', '-m', 'sh', '-c',
                                 'test ! -d /usr/share/python-wheels ||'
                                 ' mount -t tmpfs none /usr/share/python-wheels; exec "$@"', 'sh',
                                 PROGRAM, *map(str, arguments)],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())

    def interrupt(self, number, env_dir):
        python = self.slow_python()
        process = self.start('--python', python, env_dir)
        half = env_dir / 'bin' / 'half'
        for _ in range(1000):
            if half.exists() or process.poll() is not None:
                break
            time.sleep(0.02)
        self.assertTrue(half.exists(), 'ensurepip was not reached')
        self.assertGreater(len(processes_in(env_dir)), 1)
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
        self.assertEqual(process.returncode, -number)
        self.assertEqual(out, b'')
        for _ in range(100):  # they are killed; until the kernel has taken them away it takes a moment
            if not processes_in(env_dir):
                break
            time.sleep(0.02)
        self.assertEqual(processes_in(env_dir), [])
        return err

    def test_what_was_made_is_gone_and_no_child_lives(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(signal=number):
                self.interrupt(number, self.tmp / 'new' / 'env')
                self.assertFalse((self.tmp / 'new').exists())
                wipe(self.tmp / 'prefix')

    def test_what_was_there_stays(self):
        env_dir = self.tmp / 'env'
        self.make(newest(), '--without-pip', env_dir)
        (env_dir / 'mine').write_text('mine\n')
        (env_dir / 'bin' / 'activate').write_text('mine\n')
        before = snapshot(env_dir)
        self.interrupt(signal.SIGTERM, env_dir)
        self.assertEqual(snapshot(env_dir), before)

    def interrupt_hanging(self, *arguments, **changes):
        """Interrupts the program once a Python of these arguments hangs."""
        process = subprocess.Popen([PROGRAM, *map(str, arguments)], stderr=subprocess.PIPE,
                                   env=environment(**changes))
        for _ in range(500):
            if (self.tmp / 'started').exists():
                break
            time.sleep(0.02)
        started = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
        self.assertEqual(process.returncode, -signal.SIGINT, err)
        self.assertLess(time.monotonic() - started, 3)

    def hanging_python(self, name):
        python = self.tmp / name
        python.write_text('#!/bin/sh\ntrap "" TERM\ntouch %s\nwhile :; do sleep 0.1; done\n'
                          % shlex.quote(str(self.tmp / 'started')))
        python.chmod(0o755)
        return python

    def test_while_an_interpreter_hangs(self):
        self.interrupt_hanging('--python', self.hanging_python('python'), self.tmp / 'env')
        self.assertFalse((self.tmp / 'env').exists())

    def test_while_several_interpreters_hang(self):
        for minor in range(8, 13):
            self.hanging_python('python3.%d' % minor)
        path = '%s:%s' % (self.tmp, environment()['PATH'])
        self.interrupt_hanging('--list-pythons', PATH=path)

    def test_while_another_process_is_waited_for(self):
        need_command('flock')
        env_dir = self.tmp / 'env'
        env_dir.mkdir()
        holder = subprocess.Popen(['flock', env_dir, 'sleep', '30'])
        self.addCleanup(holder.wait)
        self.addCleanup(holder.terminate)
        time.sleep(0.3)
        process = subprocess.Popen([PROGRAM, '--python', newest().path, '--without-pip',
                                    str(env_dir)], stderr=subprocess.PIPE, env=environment())
        time.sleep(0.5)
        self.assertIsNone(process.poll())
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=5)
        self.assertEqual(process.returncode, -signal.SIGINT)

    def test_nobody_reads_what_is_said(self):
        # SIGPIPE would end the program between two environments.
        reading, writing = os.pipe()
        os.close(reading)
        process = subprocess.Popen([PROGRAM, '--verbose', '--python', newest().path,
                                    '--without-pip', self.tmp / 'one', self.tmp / 'two'],
                                   stderr=writing, env=environment())
        os.close(writing)
        self.assertEqual(process.wait(timeout=60), 0)
        for name in ('one', 'two'):
            self.assertEqual(about(self.tmp / name / 'bin/python')['prefix'], str(self.tmp / name))

    def test_ignored_signals_stay_ignored(self):
        # nohup
        process = subprocess.Popen(['sh', '-c', 'trap "" HUP; exec "$@"', 'sh', PROGRAM, '--python',
                                    newest().path, str(self.tmp / 'env')], env=environment())
        for _ in range(5):
            time.sleep(0.02)
            process.send_signal(signal.SIGHUP)
        self.assertEqual(process.wait(timeout=60), 0)

    def test_ensurepip_s_failure_is_shown_and_taken_back(self):
        python = self.slow_python()
        module = next((self.tmp / 'prefix').glob('lib/*/ensurepip/__main__.py'))
        module.write_text('import sys\nprint("on stdout")\nsys.exit("the reason")\n')
        process = self.start('--python', python, self.tmp / 'env')
        out, err = process.communicate(timeout=30)
        self.assertEqual((process.returncode, out), (1, b''))
        self.assertIn('on stdout\n', err.decode())
        self.assertIn('the reason\n', err.decode())
        self.assertRegex(err.decode(), 'Error: [^\n]*ensurepip[^\n]* exited with 1\n')
        self.assertFalse((self.tmp / 'env').exists())

    def test_what_others_put_into_directories_made_above_stays(self):
        python = self.slow_python()
        module = next((self.tmp / 'prefix').glob('lib/*/ensurepip/__main__.py'))
        module.write_text('import os, sys\nos.mkdir(sys.prefix + "/../other")\nsys.exit(1)\n')
        process = self.start('--python', python, self.tmp / 'project' / 'envs' / 'env')
        process.communicate(timeout=30)
        self.assertEqual(process.returncode, 1)
        self.assertEqual(os.listdir(self.tmp / 'project' / 'envs'), ['other'])


class Kills(Base):
    def kill_at_each(self, calls, *arguments, prepare=lambda env_dir: None):
        """Kills the program at the n-th of each of these system calls, n growing until it
        ends by itself."""
        need_traces()
        python, env_dir = newest(), self.tmp / 'env'
        works = 0
        for call in calls:
            for n in range(1, 400, 1 if '--without-pip' in arguments else 17):
                wipe(env_dir)
                prepare(env_dir)
                result = run(['strace', '-qq', '-o', '/dev/null', '-e', 'trace=' + call,
                              '-e', 'inject=%s:signal=KILL:when=%d' % (call, n), PROGRAM,
                              '--python', python.path, *arguments, env_dir])
                with self.subTest(call=call, n=n, arguments=arguments):
                    works += self.is_no_environment_or_works(env_dir)
                    if result.code != 0:
                        self.make(python, *arguments, env_dir)
                        self.is_environment_of(env_dir, python)
                        left = [path for path in snapshot(env_dir)
                                if '.venv.hpp-' in path or path == 'pyvenv.cfg.new']
                        self.assertEqual(left, [])
                if result.code == 0:
                    break
            else:
                self.fail('%s was called more often than expected' % call)
        return works

    def test_while_making_one(self):
        self.kill_at_each(('mkdir', 'symlink', 'rename', 'openat', 'write', 'close'),
                          '--without-pip')

    def test_while_making_copies(self):
        self.kill_at_each(('rename', 'openat'), '--without-pip', '--copies')

    def test_while_changing_one_of_another_python(self):
        old = pythons()[0]
        template = self.tmp / 'template'
        self.make(old, '--without-pip', template)

        def prepare(env_dir):
            # Not at its place, but the same for what is looked at.
            shutil.copytree(template, env_dir, symlinks=True)
        self.kill_at_each(('rename', 'symlink', 'unlink'), '--without-pip', prepare=prepare)

    def test_while_clearing_one(self):
        template = self.tmp / 'template'
        self.make(newest(), '--without-pip', template)
        self.kill_at_each(('unlinkat', 'mkdir', 'rename'), '--without-pip', '--clear',
                          prepare=lambda env_dir: shutil.copytree(template, env_dir, symlinks=True))

    def test_at_any_time_with_pip(self):
        # Not at system calls: pip is laid out by several threads.
        python, env_dir = newest(), self.tmp / 'env'
        self.make(python, env_dir)
        wipe(env_dir)
        started = time.monotonic()
        self.make(python, env_dir)
        whole = time.monotonic() - started
        expected = set(snapshot(env_dir))
        random.seed(1)
        for _ in range(25):
            wipe(env_dir)
            process = subprocess.Popen([PROGRAM, '--python', python.path, str(env_dir)],
                                       stderr=subprocess.DEVNULL, env=environment())
            time.sleep(random.uniform(0, 1.2 * whole))
            process.kill()
            process.wait()
            if env_dir.exists() and self.is_no_environment_or_works(env_dir):
                check = run([env_dir / 'bin' / 'python', '-m', 'pip', 'check'])
                self.assertEqual(check.code, 0, str(check))
            self.make(python, env_dir)
            self.assertEqual(set(snapshot(env_dir)), expected)


class Disks(Base):
    def on_disk(self, size, script, *arguments):
        """Runs a shell script with a small disk at ./disk; `$@` is our program's call."""
        need_mounts()
        (self.tmp / 'disk').mkdir(exist_ok=True)
        return run(['unshare', '-m', 'sh', '-c',
                    'mount -t tmpfs -o %s none disk && { %s; }' % (size, script), 'sh', PROGRAM,
                    '--python', newest().path, *arguments], cwd=self.tmp)

    def test_full(self):
        for size in ('size=4k', 'size=16k', 'size=64k', 'size=1m', 'nr_inodes=5', 'nr_inodes=12',
                     'nr_inodes=40', 'nr_inodes=300'):
            for options in ((), ('--copies',), ('--without-pip', '--copies')):
                with self.subTest(size=size, options=options):
                    result = self.on_disk(
                        size, '"$@" disk/parent/env; code=$?; find disk; exit $code', *options)
                    if result.code == 0:
                        self.assertEqual(options[:1], ('--without-pip',))
                        continue
                    self.assertEqual(result.out, 'disk\n')
                    self.assertRegex(result.err,
                                     '^Error: [^\n]*No space left on device\n(Hint: [^\n]*\n)?$')

    def test_full_leaves_what_was_there(self):
        result = self.on_disk(
            'size=300k',
            '"$@" --without-pip disk/env && echo mine >disk/env/bin/activate && '
            'find disk -ls | sort >before; "$@" --copies --prompt x disk/env; code=$?; '
            'cat disk/env/bin/activate; find disk | sort; disk/env/bin/python -c "print(6 * 7)"; '
            'cat disk/env/pyvenv.cfg; exit $code')
        self.assertEqual(result.code, 1, str(result))
        self.assertTrue(result.out.startswith('mine\n'), result.out)
        self.assertIn('\n42\n', result.out)
        self.assertNotIn('prompt', result.out)
        self.assertNotIn('.venv.hpp-', result.out)
        self.assertRegex(result.err, '^Error: [^\n]*No space left on device\n')

    def test_the_largest_size_of_files(self):
        env_dir = self.tmp / 'env'
        for size, options in ((8 << 10, ()), (64 << 10, ()), (64 << 10, ('--copies',))):
            with self.subTest(size=size, options=options):
                result = self.venv('--python', newest().path, *options, env_dir, preexec_fn=lambda:
                                   resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)))
                self.refused(result, 'File too large')
                self.assertFalse(env_dir.exists())
        # Only what would be remembered of pip is larger than this.
        size = 5 << 20
        result = self.venv('--python', newest().path, env_dir, preexec_fn=lambda:
                           resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)))
        self.assertEqual((result.code, result.err), (0, ''))
        check = run([env_dir / 'bin' / 'python', '-m', 'pip', 'check'])
        self.assertEqual(check.code, 0, str(check))
        self.assertEqual(list(self.cache.rglob('pip-*')), [])

    def test_a_disk_without_links(self):
        need_traces()
        python, env_dir = newest(), self.tmp / 'env'
        result = run(['strace', '-f', '-qq', '-o', '/dev/null', '-e', 'trace=symlink,symlinkat',
                      '-e', 'inject=symlink,symlinkat:error=EPERM', PROGRAM, '--python',
                      python.path, env_dir])
        self.assertEqual(result.code, 0, str(result))
        self.assertRegex(result.err, '^(Warning: [^\n]*is a copy\n)+$')
        self.assertEqual([path for path in env_dir.rglob('*') if path.is_symlink()], [])
        self.assertFalse((env_dir / 'lib64').exists())
        self.is_environment_of(env_dir, python)

    def test_each_system_call_that_fails(self):
        need_traces()
        python = newest()
        env = environment(XDG_CACHE_HOME='/dev/null')  # no cache: the interpreter is asked
        for call, error in (('mkdir', 'ENOSPC'), ('mkdir', 'EACCES'), ('symlink', 'ENOSPC'),
                            ('rename', 'EIO'), ('rename', 'EXDEV'), ('write', 'ENOSPC'),
                            ('write', 'EDQUOT'), ('fchmod', 'EPERM'), ('clone', 'EAGAIN'),
                            ('pipe2', 'EMFILE')):
            # Every other pair of a call and an option, and pip, is the campaign's.
            copies = ('--copies',) if call in ('write', 'fchmod', 'clone') else ()
            options = ('--without-pip', *copies)
            command = [PROGRAM, '--python', python.path, *options, self.tmp / 'new' / 'env']
            run(['strace', '-qq', '-o', self.tmp / 'calls', '-e', 'trace=' + call, *command],
                env=env)
            calls = len((self.tmp / 'calls').read_text().splitlines())
            self.assertGreater(calls, 0, call)
            wipe(self.tmp / 'new')
            for n in range(1, calls + 1):
                with self.subTest(call=call, error=error, n=n, options=options):
                    result = run(['strace', '-qq', '-o', '/dev/null', '-e', 'trace=' + call, '-e',
                                  'inject=%s:error=%s:when=%d' % (call, error, n), *command],
                                 env=env)
                    if result.code == 0:
                        # The call of a child, or one that can be done without.
                        self.is_environment_of(self.tmp / 'new' / 'env', python)
                    else:
                        self.refused(result, os.strerror(getattr(errno, error)))
                        self.assertFalse((self.tmp / 'new').exists())
                    wipe(self.tmp / 'new')

    def test_a_disk_that_refuses_to_put_back_what_was_there(self):
        need_traces()
        python, env_dir = newest(), self.tmp / 'env'
        other = pathlib.Path(python.path).with_name(python.name)  # another name of the same one
        self.make(python, '--without-pip', env_dir)
        before = snapshot(env_dir)
        refused = run(['strace', '-f', '-qq', '-o', '/dev/null', '-e', 'trace=rename', '-e',
                       'inject=rename:error=EIO', PROGRAM, '--python', other, '--without-pip', env_dir],
                      env=environment())
        self.assertEqual(refused.code, 1, str(refused))
        warning, error = refused.err.splitlines()
        self.assertRegex(error, 'Error: cannot replace .*: Input/output error')
        self.assertIn("put back: it is kept in ", warning)
        self.assertIn('.venv.hpp-journal', warning)
        self.assertTrue((env_dir / '.venv.hpp-journal').is_dir())
        self.make(python, '--without-pip', env_dir)
        self.assertEqual(snapshot(env_dir), before)

    def test_too_many_open_files(self):
        for limit in (3, 4, 5, 6, 8, 10, 12):
            with self.subTest(limit=limit):
                result = run(['sh', '-c', 'ulimit -n %d; exec "$@"' % limit, 'sh', PROGRAM,
                              '--python', newest().path, '--without-pip', self.tmp / 'env'])
                if result.code != 0:
                    # The loader itself says so where not even the program starts.
                    self.assertIn('oo many open files' if result.code == 1 else 'shared',
                                  result.err + 'oo many open files shared' * (result.code > 1))
                    self.assertFalse((self.tmp / 'env').exists())
                wipe(self.tmp / 'env')


class AtOnce(Base):
    def test_several_processes_make_the_same_environment(self):
        python, env_dir = newest(), self.tmp / 'env'
        for arguments in (['--without-pip'], ['--without-pip', '--clear'], ['--copies'], []):
            with self.subTest(arguments=arguments):
                self.make(python, *arguments, env_dir)
                expected = set(snapshot(env_dir))
                wipe(env_dir)
                processes = [subprocess.Popen([PROGRAM, '--python', python.path, *arguments,
                                               str(env_dir)], stdout=subprocess.PIPE,
                                              stderr=subprocess.STDOUT, env=environment())
                             for _ in range(8)]
                for process in processes:
                    said, _ = process.communicate(timeout=120)
                    self.assertEqual((process.returncode, said), (0, b''))
                self.is_environment_of(env_dir, python)
                self.assertEqual(set(snapshot(env_dir)), expected)
                wipe(env_dir)

    def test_different_pythons_at_the_same_place(self):
        # One after the other: the last one's environment, nothing mixed.
        env_dir = self.tmp / 'env'
        for _ in range(5):
            processes = [subprocess.Popen([PROGRAM, '--python', python.path, '--without-pip',
                                           str(env_dir)], env=environment())
                         for python in pythons()]
            self.assertEqual([process.wait(timeout=60) for process in processes],
                             [0] * len(processes))
            facts = about(env_dir / 'bin' / 'python')
            last = [python for python in pythons() if python.version == tuple(facts['version'][:3])]
            for name in os.listdir(env_dir / 'bin'):
                if name.startswith('python'):
                    self.assertEqual(about(env_dir / 'bin' / name)['version'], facts['version'])
            cfg = (env_dir / 'pyvenv.cfg').read_text()
            self.assertIn('version = %d.%d.%d\n' % last[0].version, cfg)
            wipe(env_dir)

    def test_one_that_makes_the_directory_and_another_that_locks_it_first(self):
        need_traces()
        late, early, env_dir = newest(), pythons()[0], self.tmp / 'env'
        early_path = pathlib.Path(early.path).with_name(early.name)
        for options, fault, code in (((), (), 0), (('--clear',), (), 0),
                                     ((), ('-e', 'inject=rename:error=ENOSPC:when=1'), 1)):
            wipe(env_dir)
            with self.subTest(options=options, fault=fault):
                process = subprocess.Popen(
                    ['strace', '-f', '-qq', '-o', '/dev/null', '-e', 'trace=flock,rename',
                     '-e', 'inject=flock:delay_enter=1500000:when=1', *fault, PROGRAM, '--python',
                     late.path, '--without-pip', *options, str(env_dir)],
                    stderr=subprocess.DEVNULL, env=environment())
                while not env_dir.exists() and process.poll() is None:
                    time.sleep(0.01)
                result = self.venv('--python', early_path, '--without-pip', env_dir)
                self.assertEqual(result.code, 0, str(result))
                (env_dir / 'mine').write_text('mine\n')
                before = snapshot(env_dir)
                self.assertIsNone(process.poll())
                self.assertEqual(process.wait(timeout=60), code)
                if code:
                    self.assertEqual(snapshot(env_dir), before)
                else:
                    self.is_environment_of(env_dir, late)
                    self.assertEqual((env_dir / 'mine').exists(), not options)
                    self.assertEqual((env_dir / 'bin' / early.name).exists(), early is late)

    def test_one_that_is_interrupted_while_another_fills_the_directory_that_it_made(self):
        need_traces()
        env_dir = self.tmp / 'env'
        process = subprocess.Popen(
            ['strace', '-D', '-f', '-qq', '-o', '/dev/null', '-e', 'trace=flock',
             '-e', 'inject=flock:delay_enter=1000000:when=1', PROGRAM, '--python', newest().path,
             '--without-pip', str(env_dir)], stderr=subprocess.DEVNULL, env=environment())
        while not env_dir.exists() and process.poll() is None:
            time.sleep(0.01)
        holder = subprocess.Popen(['flock', env_dir, 'sleep', '30'])
        self.addCleanup(holder.wait)
        self.addCleanup(holder.terminate)
        (env_dir / 'mine').write_text('mine\n')
        time.sleep(1.5)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(timeout=10), -signal.SIGINT)
        self.assertEqual(os.listdir(env_dir), ['mine'])

    def test_one_that_fails_beside_one_that_succeeds(self):
        # The failing one takes away only what it made itself.
        env_dir = self.tmp / 'env'
        bad = self.tmp / 'bad'
        bad.write_text('#!/bin/sh\nexit 3\n')
        bad.chmod(0o755)
        for _ in range(10):
            commands = [[PROGRAM, '--python', newest().path, '--without-pip', str(env_dir)],
                        [PROGRAM, '--python', str(bad), str(env_dir)],
                        [PROGRAM, '--python', newest().path, '--pip-wheel-dir', '/nonexistent',
                         str(env_dir)]]
            processes = [subprocess.Popen(command, stderr=subprocess.DEVNULL, env=environment())
                         for command in commands]
            codes = [process.wait(timeout=60) for process in processes]
            self.assertEqual(codes[0], 0)
            self.assertEqual(codes[1], 1)
            self.is_environment_of(env_dir, newest())
            wipe(env_dir)
