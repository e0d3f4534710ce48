"""Success means that the environment works; a child's unknown status is no success."""

import errno
import os
import shutil
import stat

from machine import BUILD, PROGRAM, need, need_command, need_pyenv, pythons, wipe
from support import (Case, facts, names_below, newest, prefix_of_links, python_with_ensurepip_alone, second,
                     shared_python, site_packages_of, snapshot)

DEAF = 'trap "" CHLD; exec "$@"'  # the system reaps the children: their status is lost


class AConfiguration(Case):
    def test_that_its_own_user_cannot_read(self):
        python = shared_python()
        self.tmp.chmod(0o777)
        self.make(python, '--without-pip')
        self.give(self.env_dir)
        cfg = self.env_dir / 'pyvenv.cfg'
        for mode in (0o000, 0o300, 0o044):
            for options in ((), ('--copies',)):
                with self.subTest(mode=mode, options=options):
                    cfg.chmod(mode)
                    result = self.as_other(PROGRAM, '--python', python.path, '--without-pip', *options,
                                           self.env_dir)
                    self.assertEqual(result.code, 0, str(result))
                    self.assertEqual(stat.S_IMODE(cfg.stat().st_mode), mode | 0o400)
                    said = self.as_other(self.env_dir / 'bin' / 'python', '-c', 'import sys; print(sys.prefix)')
                    self.assertEqual(said.out.strip(), str(self.env_dir), str(said))
            with self.subTest(mode=mode, options='--upgrade'):  # by which keys and which base?
                cfg.chmod(mode)
                before = snapshot(self.env_dir)
                self.fails(self.as_other(PROGRAM, '--python', python.path, '--without-pip', '--upgrade', self.env_dir),
                           'pyvenv.cfg', 'Permission denied')
                self.unchanged(before)


class ACopiedInterpreter(Case):
    """Each call that the trial of a copy takes fails in turn: it is told, or needs nothing that it has not."""

    def test_whose_trial_fails(self):
        inject = BUILD / 'bin' / 'campaign_inject'
        need(inject.exists(), '%s (cmake --build --target campaign_inject)' % inject)
        self.make(newest(), '--copies', '--without-pip')
        expected = names_below(self.env_dir)

        def failing(number):
            wipe(self.env_dir)
            result = self.execute(inject, self.tmp / 'call', 'ours', str(number), str(errno.EMFILE), PROGRAM,
                                  '--python', newest().path, '--copies', '--without-pip', self.env_dir,
                                  timeout=60)
            return result, *(self.tmp / 'call').read_text().split()[:2]

        tried = set()
        calls = int(failing(0)[1])
        for number in range(calls // 2, calls): # the copies come first
            result, _, call = failing(number)
            if call not in ('pipe2', 'fcntl', 'vfork', 'dup2', 'execve', 'write', 'read'):
                continue
            tried.add(call)
            with self.subTest(number=number, call=call):
                if result.code == 0:
                    self.assertEqual(names_below(self.env_dir), expected)
                else:
                    self.fails(result, '/')
                    self.assertFalse(self.env_dir.exists())
        self.assertGreaterEqual(tried, {'pipe2', 'vfork', 'execve'})


class AHostThatReaps(Case):
    """Ignores SIGCHLD, or waits for any child: a child that fails is still a failure."""

    def deaf(self, *arguments, **changes):
        need_command('bash')
        return self.execute('bash', '-c', DEAF, 'bash', PROGRAM, *arguments,
                            env=self.environment(**changes))

    def test_upgrading_pip_fails(self):
        result = self.deaf('--python', newest().path, '--upgrade-deps', self.env_dir,
                           PIP_CONSTRAINT='/nonexistent')
        self.fails(result)
        self.assertFalse(self.env_dir.exists())

    def test_ensurepip_fails(self):
        python = python_with_ensurepip_alone(self.tmp / 'base', newest(),
                                             'import sys; sys.exit("the reason")')
        self.tmpfs('/usr/share/python-wheels')
        self.fails(self.deaf('--python', python, self.env_dir), 'the reason')
        self.assertFalse(self.env_dir.exists())

    def test_compiling_fails(self):
        python = prefix_of_links(self.tmp / 'base', newest(), ['compileall.py', 'py_compile.py'])
        real = self.deaf('--python', python, '--no-cache', self.env_dir)
        plain = self.venv('--python', python, '--no-cache', self.tmp / 'plain')
        self.assertEqual(real.code, plain.code, str(real))

    def test_an_interpreter_fails(self):
        python = self.tmp / 'python'
        for ending in ('exit 3', 'kill -SEGV $$', 'exit 0'):
            with self.subTest(ending=ending):
                python.write_text('#!/bin/sh\n%s\n' % ending)
                python.chmod(0o755)
                self.fails(self.deaf('--python', python, self.env_dir))
                self.assertFalse(self.env_dir.exists())

    def test_one_that_answers_and_then_fails(self):
        real = newest().path
        python = self.tmp / 'python'
        python.write_text('#!/bin/sh\n"%s" "$@"\nexit 5\n' % real)
        python.chmod(0o755)
        plain = self.venv('--python', python, '--without-pip', self.tmp / 'plain')
        self.assertEqual(self.deaf('--python', python, '--without-pip', self.env_dir).code,
                         plain.code)

    def test_success_stays_success(self):
        result = self.deaf('--python', newest().path, self.env_dir)
        self.assertEqual((result.code, result.err), (0, ''))
        self.works()

    def test_a_program_whose_handler_waits_for_any_child(self):
        host = need(next(filter(os.path.exists, (os.environ.get('VENV_FAULTS_HOST', ''),
                                                 str(BUILD / 'bin' / 'faults_host'))), None),
                    'faults_host')
        for mode in ('reap-in-handler', 'reap-in-thread', 'ignore'):
            with self.subTest(mode=mode):
                result = self.execute(host, mode, newest().path, self.env_dir,
                                      env=self.environment(PIP_CONSTRAINT='/nonexistent'))
                self.assertEqual(result.code, 1, str(result))
                self.assertFalse(self.env_dir.exists())


class ANewInterpreter(Case):
    """What was not tried by anybody yet is tried before success is claimed."""

    def test_copied_to_where_nothing_may_run(self):
        for name, options in (('tmpfs', ('-t', 'tmpfs', '-o', 'noexec,size=64m', 'none')),):
            with self.subTest(name):
                disk = self.mount(self.tmp / name, *options)
                for more in ((), ('--without-pip',)):
                    result = self.venv('--python', newest().path, '--copies', *more, disk / 'env')
                    self.fails(result)
                    self.assertEqual(os.listdir(disk), [])

    def test_copied_over_one_that_is_there_where_nothing_may_run(self):
        disk = self.tmpfs(self.tmp / 'disk')
        self.make(newest(), '--without-pip', disk / 'env')
        self.mount(disk, '-o', 'remount,noexec')
        self.mounted.pop()
        result = self.venv('--python', newest().path, '--without-pip', '--copies', disk / 'env')
        self.fails(result)
        self.assertTrue((disk / 'env' / 'bin' / 'python').resolve().samefile(newest().path))

    def test_linked_where_nothing_may_run(self):
        # The interpreter itself lies elsewhere.
        disk = self.tmpfs(self.tmp / 'disk', 'noexec,size=64m')
        self.make(newest(), '--without-pip', disk / 'env')
        self.works(disk / 'env', newest(), pip=False)

    def relative_python(self):
        """Its library is found relative to where it lies."""
        need_command('patchelf')
        prefix = facts(newest().path)[0]
        need(list((prefix / 'lib').glob('libpython3.*.so.*')), 'a Python with a shared library')
        copy = prefix_of_links(self.tmp / 'base', newest())
        self.execute('patchelf', '--set-rpath', '$ORIGIN/../lib', copy)
        return copy

    def test_copied_away_from_its_library(self):
        python = self.relative_python()
        result = self.venv('--python', python, '--copies', '--without-pip', self.env_dir)
        if result.code != 0:
            self.fails(result)
            self.assertFalse(self.env_dir.exists())
        else:
            self.works(pip=False)


class TheRightPip(Case):
    """pip fits the Python that it is installed for, or isn't."""

    def works_or_fails(self, python):
        result = self.venv('--python', python, self.env_dir)
        if result.code != 0:
            self.fails(result, 'pip')
            self.assertFalse(self.env_dir.exists())
            return
        for command in (['list'], ['--version'], ['check'], ['install', '--help']):
            said = self.execute(self.env_dir / 'bin' / 'pip', *command)
            self.assertEqual(said.code, 0, str(said))

    def test_for_one_without_ensurepip(self):
        need(os.path.isdir('/usr/share/python-wheels'), 'python3-pip-whl')
        self.works_or_fails(prefix_of_links(self.tmp / 'base', newest(), ['ensurepip']))

    def test_for_one_without_what_it_bundles(self):
        need(os.path.isdir('/usr/share/python-wheels'), 'python3-pip-whl')
        copy = prefix_of_links(self.tmp / 'base', newest(), ['ensurepip'])
        package = self.tmp / 'base' / 'lib' / newest().name / 'ensurepip'
        theirs = facts(newest().path)[1] / 'ensurepip'
        package.mkdir()
        for name in ('__init__.py', '__main__.py'):
            shutil.copy(theirs / name, package)
        self.works_or_fails(copy)

    def test_for_an_older_one_without_ensurepip(self):
        need(os.path.isdir('/usr/share/python-wheels'), 'python3-pip-whl')
        self.works_or_fails(prefix_of_links(self.tmp / 'base', second(), ['ensurepip']))

    def test_that_only_lists_nothing_is_refused(self):
        # pip 23.0 starts on 3.12 and newer, and fails wherever it looks at what is installed.
        wheels = '/usr/share/python-wheels'
        need(any(name.startswith('pip-23.0') for name in os.listdir(wheels)), "Debian 12's pip")
        for options in ((), ('--no-cache',)):
            for _ in range(2):
                result = self.venv('--python', newest().path, '--pip-wheel-dir', wheels, *options,
                                   self.env_dir)
                self.fails(result, 'pip', 'does not run')
                self.assertFalse(self.env_dir.exists())
        self.make(shared_python(), '--pip-wheel-dir', wheels)
        self.works()

    def test_for_the_system_s_own(self):
        self.make(shared_python())
        self.works()

    def test_that_the_python_cannot_import_is_not_remembered(self):
        # One that lacks what pip needs: nothing is claimed, neither the first nor the second time.
        python = prefix_of_links(self.tmp / 'base', newest(), ['urllib'])
        for _ in range(2):
            result = self.venv('--python', python, self.env_dir)
            self.assertNotEqual(result.code, 0, str(result))
            self.assertFalse(self.env_dir.exists())


class TheRightLibrary(Case):
    """`home` leads to the library that the base uses."""

    def finds_its_own(self, link):
        own = self.execute(link, '-c', 'import os; print(os.__file__)').out
        self.make(link)
        code = 'import os, _ssl, _ctypes, _sqlite3; print(os.__file__)'
        said = self.execute(self.env_dir / 'bin' / 'python', '-c', code)
        self.assertEqual(said.code, 0, str(said))
        self.assertEqual(os.path.realpath(said.out.strip()), os.path.realpath(own.strip()))
        self.works()

    def two_of_a_minor_version(self):
        system = need(next((p for p in pythons() if p.path == '/usr/bin/python3'), None), 'Debian')
        other = need_pyenv(next((p for p in pythons() if p.name == system.name and p is not system),
                                None), "another of the system's minor version")
        return system, other

    def test_where_another_s_lies_above(self):
        system, other = self.two_of_a_minor_version()
        (self.tmp / 'usr' / 'lib').mkdir(parents=True)
        (self.tmp / 'usr' / 'lib' / system.name).symlink_to(facts(system.path)[1])
        copy = prefix_of_links(self.tmp / 'opt' / 'py', other)
        (self.tmp / 'usr' / 'local' / 'bin').mkdir(parents=True)
        link = self.tmp / 'usr' / 'local' / 'bin' / 'python3'
        link.symlink_to(copy)
        self.finds_its_own(link)

    def test_where_another_s_lies_beside(self):
        system, other = self.two_of_a_minor_version()
        (self.tmp / 'usr' / 'lib').mkdir(parents=True)
        (self.tmp / 'usr' / 'lib' / system.name).symlink_to(facts(system.path)[1])
        (self.tmp / 'usr' / 'bin').mkdir()
        copy = prefix_of_links(self.tmp / 'opt' / 'py', other)
        link = self.tmp / 'usr' / 'bin' / other.name
        link.symlink_to(os.path.relpath(copy, link.parent))
        self.finds_its_own(link)

    def test_where_there_is_none(self):
        copy = prefix_of_links(self.tmp / 'opt' / 'py', newest())
        (self.tmp / 'bin').mkdir()
        link = self.tmp / 'bin' / 'python3'
        link.symlink_to(copy)
        self.finds_its_own(link)


class OnlyItsWrapperStartsIt(Case):
    """The answer is the same each time, whatever is remembered and whatever is asked for."""

    def wrapped(self, setting):
        prefix = facts(newest().path)[0]
        need(list((prefix / 'lib').glob('libpython3.*.so.*')), 'a Python with a shared library')
        copy = prefix_of_links(self.tmp / 'base', newest())
        content = copy.read_bytes()
        runpath = os.fsencode(str(prefix / 'lib'))
        need(runpath in content, 'a Python that names its library by path')
        copy.write_bytes(content.replace(runpath, b'/n' + b'x' * (len(runpath) - 2)))
        wrapper = self.tmp / 'wrapper' / 'python3'
        wrapper.parent.mkdir()
        wrapper.write_text('#!/bin/sh\n' + setting.format(lib=prefix / 'lib', python=copy))
        wrapper.chmod(0o755)
        return wrapper

    def same_each_time(self, wrapper):
        codes = {}
        for name, options in (('cold', ()), ('without pip', ('--without-pip',)), ('again', ()),
                              ('no cache', ('--no-cache', '--without-pip')),
                              ('copies', ('--without-pip', '--copies'))):
            env_dir = self.tmp / name
            result = self.venv('--python', wrapper, *options, env_dir)
            codes[name] = result.code
            if result.code == 0:
                self.works(env_dir, pip='--without-pip' not in options)
            else:
                self.fails(result)
                self.assertFalse(env_dir.exists())
        self.assertEqual(len(set(codes.values())), 1, codes)

    def test_by_a_variable(self):
        self.same_each_time(self.wrapped('LD_LIBRARY_PATH="{lib}" exec "{python}" "$@"\n'))

    def test_by_a_variable_while_pip_is_remembered(self):
        self.make(newest(), self.tmp / 'warm')
        self.same_each_time(self.wrapped('export LD_LIBRARY_PATH="{lib}"; exec "{python}" "$@"\n'))

    def test_by_a_preloaded_library(self):
        self.same_each_time(self.wrapped('LD_PRELOAD="$(echo {lib}/libpython3.*.so.1.0)"'
                                         ' exec "{python}" "$@"\n'))


class IsThereIsNotIsRight(Case):
    """What doesn't work is repaired by the same command again."""

    def repaired(self, *options):
        self.whole('--python', newest().path, *options, self.env_dir, python=newest())

    def setUp(self):
        super().setUp()
        self.make(newest())
        self.pip = site_packages_of(self.env_dir) / 'pip'

    def test_a_script_that_cannot_be_run(self):
        for path in (self.env_dir / 'bin').glob('pip*'):
            path.chmod(0o644)
        self.repaired()
        for path in (self.env_dir / 'bin').glob('pip*'):
            self.assertTrue(path.stat().st_mode & 0o100, path.name)

    def test_modules_of_no_length(self):
        for name in ('__init__.py', '_internal/cli/main.py', '_vendor/rich/console.py',
                     '_internal/__init__.py'):
            with self.subTest(name):
                (self.pip / name).write_bytes(b'')
                for path in (self.pip / name).parent.glob('__pycache__/%s.*' % (self.pip / name).stem):
                    path.unlink()
                self.repaired()

    def test_a_module_cut_short(self):
        path = self.pip / '_internal' / 'cli' / 'parser.py'
        path.write_bytes(path.read_bytes()[:100])
        self.repaired()

    def test_a_module_that_is_gone(self):
        (self.pip / '_internal' / 'build_env.py').unlink()
        self.repaired()

    def test_a_folder_that_is_gone(self):
        shutil.rmtree(self.pip / '_vendor' / 'packaging')
        self.repaired()

    def test_a_shebang_of_nothing(self):
        for name in ('pip3', 'pip', 'pip' + newest().name[6:]):
            with self.subTest(name):
                script = self.env_dir / 'bin' / name
                script.write_text('#!/nonexistent/bin/python\n' + script.read_text().split('\n', 1)[1])
                self.repaired()
                for path in (self.env_dir / 'bin').glob('pip*'):
                    self.assertEqual(self.execute(path, '--version').code, 0, path.name)

    def test_an_empty_script(self):
        (self.env_dir / 'bin' / 'pip').write_bytes(b'')
        self.repaired()

    def test_what_nobody_may_read(self):
        script, module = self.env_dir / 'bin' / 'pip', self.pip / '_internal' / 'commands' / 'list.py'
        for path, mode in ((script, 0o111), (module, 0)):
            with self.subTest(path.name):
                path.chmod(mode)
                self.repaired()
                self.assertEqual(path.stat().st_mode & 0o444, 0o444)

    def test_what_this_user_may_not_read(self):
        wipe(self.env_dir)
        self.make(shared_python())
        self.give(self.env_dir, self.home)
        pip = site_packages_of(self.env_dir) / 'pip'
        for path, mode in ((self.env_dir / 'bin' / 'pip3', 0o711), (pip / '__init__.py', 0o600)):
            with self.subTest(path.name):
                os.chown(path, 0, 0)
                path.chmod(mode)
                result = self.as_other(PROGRAM, '--python', shared_python().path, self.env_dir)
                self.assertEqual(result.code, 0, str(result))
                said = self.as_other(self.env_dir / 'bin' / 'pip3', '--version')
                self.assertEqual(said.code, 0, str(said))

    def test_a_script_that_is_gone(self):
        (self.env_dir / 'bin' / 'pip3').unlink()
        self.repaired()
        self.assertTrue((self.env_dir / 'bin' / 'pip3').exists())

    def test_a_dangling_interpreter(self):
        for name in ('python', 'python3', newest().name):
            (self.env_dir / 'bin' / name).unlink()
            (self.env_dir / 'bin' / name).symlink_to('/nonexistent/python')
        self.repaired()
