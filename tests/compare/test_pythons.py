"""Which Python is found, and what it is taken for: real ones, reached in odd ways."""

import collections
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

from machine import (BUILD, PROGRAM, PYENV, ask, need, need_command, need_pyenv, need_traces, pythons,
                     starts_when_copied, wipe)
from support import Case, about, environment, newest, read_cfg, run


def of_pyenv(*, with_library=False):
    """pyenv's Pythons, newest first; those alone that have a shared library."""
    found = [python for python in reversed(pythons()) if python.path.startswith(str(PYENV))]
    if with_library:
        found = [python for python in found
                 if list(pathlib.Path(python.path).parents[1].glob('lib/libpython3.*.so.1.0'))]
    return need_pyenv(found, 'a Python of pyenv' + ' with a shared library' * with_library)


class Pythons(Case):
    def made(self, *arguments, env=None, **options):
        """What the Python of the environment says that is made, in silence."""
        result = self.venv('--without-pip', *arguments, self.tmp / 'env', env=env, **options)
        self.assertEqual((result.code, result.out, result.err), (0, '', ''), str(result))
        return about(self.tmp / 'env' / 'bin' / 'python')

    def home_of_env(self):
        return read_cfg(self.tmp / 'env' / 'pyvenv.cfg')['home']

    def script(self, path, text):
        path = self.tmp / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text('#!/bin/sh\n' + text)
        path.chmod(0o755)
        return path


class WrapperOnly(Pythons):
    """A Python that starts with LD_LIBRARY_PATH alone, as module systems have it."""

    def setUp(self):
        super().setUp()
        need_command('patchelf')
        base = of_pyenv(with_library=True)[0]
        prefix = pathlib.Path(base.path).parents[1]
        self.version = base.version
        self.python = self.tmp / 'opt' / 'bin' / base.name
        self.python.parent.mkdir(parents=True)
        shutil.copy(prefix / 'bin' / base.name, self.python)
        subprocess.check_call(['patchelf', '--remove-rpath', self.python])
        (self.tmp / 'opt' / 'lib').mkdir()
        (self.tmp / 'opt' / 'lib' / base.name).symlink_to(prefix / 'lib' / base.name)
        self.libraries = self.tmp / 'hidden'
        self.libraries.mkdir()
        library, = prefix.glob('lib/libpython3.*.so.1.0')
        shutil.copy(library, self.libraries)
        self.wrapper = self.script('bin/python3', 'LD_LIBRARY_PATH="%s" exec "%s" "$@"\n' % tuple(
            str(path).replace('"', '\\"').replace('$', '\\$')
            for path in (self.libraries, self.python)))
        if run([self.python, '-c', '']).code == 0:
            self.skipTest('it starts by itself')

    def test_the_same_refusal_each_time(self):
        for _ in range(2):
            result = self.venv('--python', self.wrapper, '--without-pip', self.tmp / 'env')
            self.refused(result, 'does not start by itself')
            self.assertFalse((self.tmp / 'env').exists())

    def test_what_was_remembered_with_the_variable_does_not_count_without(self):
        env = environment(LD_LIBRARY_PATH=str(self.libraries))
        for _ in range(2):
            result = self.venv('--python', self.python, '--without-pip', self.tmp / 'env', env=env)
            self.assertEqual((result.code, result.err), (0, ''))
        result = self.venv('--python', self.python, '--without-pip', self.tmp / 'env')
        self.refused(result, 'exits with 127')


class AnotherLibrary(Pythons):
    """A Python that finds its shared library beside itself, where the system has another patch release of
    the same name: a copy elsewhere would be that one."""

    def moved(self, folder):
        need_command('patchelf')
        libraries = {path.name for path in pathlib.Path('/usr/lib').glob('*/libpython3.*.so.1.0')}
        for base in of_pyenv(with_library=True):
            prefix = pathlib.Path(base.path).parents[1]
            library, = prefix.glob('lib/libpython3.*.so.1.0')
            if library.name not in libraries:
                continue
            python = self.tmp / 'opt' / 'bin' / base.name
            for path in (python.parent, self.tmp / 'opt' / 'lib', self.tmp / 'opt' / folder):
                path.mkdir(parents=True, exist_ok=True)
            shutil.copy(os.path.realpath(base.path), python)
            subprocess.check_call(['patchelf', '--set-rpath', '$ORIGIN/../' + folder, python])
            (self.tmp / 'opt' / 'lib' / base.name).symlink_to(prefix / 'lib' / base.name)
            shutil.copy(library, self.tmp / 'opt' / folder)
            return python, base.version
        return need_pyenv(None, 'a Python of pyenv whose library Debian has too')

    def test_it_is_copied_too(self):
        python, version = self.moved('lib')
        for kind in ('--copies', '--symlinks'):
            facts = self.made('--clear', kind, '--python', python)
            self.assertEqual(tuple(facts['version'][:3]), version)

    def test_refused_where_it_is_not_found(self):
        python, version = self.moved('hidden')
        result = self.venv('--copies', '--without-pip', '--python', python, self.tmp / 'env')
        self.refused(result, 'does not start when copied: it is Python ')
        self.assertIn('there, not %d.%d.%d' % version, result.err)
        self.assertFalse((self.tmp / 'env').exists())
        self.assertEqual(tuple(self.made('--python', python)['version'][:3]), version)


class Homes(Pythons):
    def test_another_python_s_library_above_the_link(self):
        # usr/local/bin/python3 leads to one Python, and usr/lib holds the library of another one.
        theirs = need(ask('/usr/bin/python3'), '/usr/bin/python3')
        same = [python for python in of_pyenv() if python.version[:2] == theirs.version[:2]]
        python = need_pyenv(same, 'the minor version of /usr/bin/python3')[0]
        lib = self.tmp / 'x' / 'usr' / 'lib'
        lib.mkdir(parents=True)
        (lib / python.name).symlink_to('/usr/lib/' + theirs.name)
        link = self.tmp / 'x' / 'usr' / 'local' / 'bin' / 'python3'
        link.parent.mkdir(parents=True)
        link.symlink_to(python.path)
        for _ in range(2):
            facts = self.made('--python', link)
            self.assertEqual(self.home_of_env(), os.path.dirname(python.path))
            self.assertEqual(tuple(facts['version'][:3]), python.version)
            said = run([self.tmp / 'env/bin/python', '-c',
                        'import os, _ctypes; print(os.__file__); print(_ctypes.__file__)'])
            self.assertEqual(said.code, 0, str(said))
            for line in said.out.split('\n')[:2]:
                self.assertTrue(line.startswith(str(pathlib.Path(python.path).parents[1])), line)
        said = self.venv('--verbose', '--without-pip', '--python', link, self.tmp / 'another')
        self.assertIn("linking to '%s': from '%s' its library isn't found" % (python.path, link.parent), said.err)

    def test_a_link_from_a_directory_without_a_library_stays_while_it_works(self):
        for python in pythons():
            with self.subTest(python=str(python)):
                link = self.tmp / 'bin' / 'python3'
                link.parent.mkdir(exist_ok=True)
                if link.is_symlink():
                    link.unlink()
                link.symlink_to(python.path)
                facts = self.made('--python', link)
                self.assertEqual(self.home_of_env(), str(link.parent))
                self.assertEqual(tuple(facts['version'][:3]), python.version)
                self.assertEqual(run([self.tmp / 'env/bin/python', '-c', 'import _ctypes']).code, 0)

    def test_homebrew_s_lasting_name_outlives_an_upgrade(self):
        python = newest()
        real = pathlib.Path(os.path.realpath(python.path))
        cellar = self.tmp / 'brew' / 'Cellar' / python.name
        opt = self.tmp / 'brew' / 'opt' / python.name
        for release in ('1', '2'):
            (cellar / release / 'bin').mkdir(parents=True)
            shutil.copy(real, cellar / release / 'bin' / python.name)
            (cellar / release / 'lib').symlink_to(real.parents[1] / 'lib')
        if starts_when_copied(str(real)) is False:
            self.skipTest('no Python that starts when copied')
        opt.parent.mkdir()
        opt.symlink_to('../Cellar/%s/1' % python.name)
        given = cellar / '1' / 'bin' / python.name
        for kind in ('--copies', '--symlinks'):
            with self.subTest(kind=kind):
                for _ in range(2):
                    self.made('--clear', kind, '--python', given)
                    self.assertEqual(self.home_of_env(), str(opt / 'bin'))
                said = self.venv('--verbose', '--clear', kind, '--without-pip', '--python', given, self.tmp / 'env')
                self.assertIn("'%s': '%s' goes with Homebrew's next upgrade" % (opt / 'bin' / python.name, given),
                              said.err)
        opt.unlink()
        opt.symlink_to('../Cellar/%s/2' % python.name)
        shutil.rmtree(cellar / '1')
        facts = about(self.tmp / 'env' / 'bin' / 'python')
        self.assertEqual(tuple(facts['version'][:3]), python.version)

    def test_a_copy_of_what_a_link_leads_to_starts(self):
        # A copy has nothing but `home` to find the library by, and a moved Python knows no other place.
        for python in pythons():
            with self.subTest(python=str(python)):
                link = self.tmp / 'bin' / 'python3'
                link.parent.mkdir(exist_ok=True)
                wipe(link)
                link.symlink_to(python.path)
                facts = self.made('--copies', '--python', link)
                self.assertIn(self.home_of_env(), (str(link.parent), os.path.dirname(python.path)))
                self.assertEqual(tuple(facts['version'][:3]), python.version)

    def test_a_moved_python_behind_a_link(self):
        # Its library is found from where it lies; from the link's directory nothing would be.
        python = newest()
        prefix = self.tmp / 'moved'
        (prefix / 'bin').mkdir(parents=True)
        (prefix / 'lib').mkdir()
        shutil.copy(os.path.realpath(python.path), prefix / 'bin' / python.name)
        stdlib = run([python.path, '-c', 'import os; print(os.path.dirname(os.__file__))']).out.strip()
        (prefix / 'lib' / python.name).symlink_to(stdlib)
        link = self.tmp / 'bin' / 'python3'
        link.parent.mkdir()
        link.symlink_to(prefix / 'bin' / python.name)
        for _ in range(2):
            facts = self.made('--python', link)
            self.assertIn(self.home_of_env(), (str(prefix / 'bin'), str(link.parent)))
            self.assertEqual(tuple(facts['version'][:3]), python.version)

    def test_one_that_will_not_last_is_told(self):
        python = newest()
        prefix = self.tmp / 'tmp' / 'moved'
        (prefix / 'bin').mkdir(parents=True)
        (prefix / 'lib').mkdir()
        shutil.copy(os.path.realpath(python.path), prefix / 'bin' / python.name)
        stdlib = run([python.path, '-c', 'import os; print(os.path.dirname(os.__file__))']).out.strip()
        (prefix / 'lib' / python.name).symlink_to(stdlib)
        base = prefix / 'bin' / python.name
        temporary = environment(TMPDIR=str(self.tmp / 'tmp'))
        with tempfile.TemporaryDirectory(dir=BUILD) as elsewhere:
            result = self.venv('--without-pip', '--python', base, pathlib.Path(elsewhere, 'env'), env=temporary)
        self.assertEqual(result.code, 0, str(result))
        self.assertRegex(result.err, r'^Warning: the base Python .* lies in .*temporary; without it .*\n$')
        self.made('--python', base, env=environment(TMPDIR=str(self.tmp)))  # they go together: in silence

    def test_an_environment_without_home_is_followed(self):
        python = newest()
        (self.tmp / 'runfiles' / 'bin').mkdir(parents=True)
        (self.tmp / 'runfiles' / 'pyvenv.cfg').write_text('')
        (self.tmp / 'runfiles' / 'bin' / 'python3').symlink_to(python.path)
        self.made('--python', self.tmp / 'runfiles' / 'bin' / 'python3')
        self.assertEqual(self.home_of_env(), os.path.dirname(python.path))

    def test_an_environment_s_home_that_leads_through_a_link(self):
        # As Homebrew's `opt`: 3.11 and newer name what it leads to, which the next upgrade deletes.
        for python in pythons():
            with self.subTest(python=str(python)):
                opt = self.tmp / 'opt'
                if opt.is_symlink():
                    opt.unlink()
                opt.symlink_to(pathlib.Path(python.path).parents[1])
                stable = opt / 'bin' / os.path.basename(python.path)
                outer = self.tmp / 'outer'
                result = run([stable, '-m', 'venv', '--without-pip', '--clear', outer])
                self.assertEqual(result.code, 0, str(result))
                for request in (outer, outer / 'bin' / 'python'):
                    self.made('--python', request)
                    self.assertEqual(self.home_of_env(), str(stable.parent))


class Indirections(Pythons):
    """However a Python is reached, the environment's is that one, and its extension modules import."""

    def ways(self, python):
        folder = self.tmp / 'ways'
        folder.mkdir()
        quoted = "'%s'" % python.path.replace("'", "'\\''")
        prefix = pathlib.Path(python.path).parents[1]
        if os.path.realpath(prefix / 'bin' / 'python') == os.path.realpath(python.path):
            yield 'a directory', prefix # where it isn't one of several
        (folder / 'one').symlink_to(python.path)
        (folder / 'two').symlink_to('one')
        yield 'a link to a link', folder / 'two'
        yield 'a wrapper', self.script('ways/wrapper', 'exec %s "$@"\n' % quoted)
        bash = self.script('ways/named', 'exec -a "$0" %s "$@"\n' % quoted)
        bash.write_text(bash.read_text().replace('#!/bin/sh', '#!' + need_command('bash')))
        yield 'a wrapper that gives its own name', bash
        (folder / 'linked').symlink_to('wrapper')
        yield 'a link to a wrapper', folder / 'linked'
        moved = folder / 'moved'
        (moved / 'bin').mkdir(parents=True)
        (moved / 'lib').symlink_to(pathlib.Path(python.path).parents[1] / 'lib')
        shutil.copy(os.path.realpath(python.path), moved / 'bin' / python.name)
        os.link(moved / 'bin' / python.name, moved / 'bin' / 'python3')
        yield 'a hard link', moved / 'bin' / 'python3'
        self.reference(python, '--without-pip', folder / 'env')
        yield 'an environment', folder / 'env'
        self.reference(python, '--without-pip', '--copies', folder / 'copied')
        yield "an environment's copy", folder / 'copied' / 'bin' / 'python'

    def name_of_extension(self, facts):
        """The extension module's file, or why it can't be imported, whatever directory it is in."""
        return os.path.basename(facts['an extension'] or '')

    def test_each_leads_to_what_was_asked_for(self):
        for python in pythons():
            wipe(self.tmp / 'ways')
            ask.cache_clear() # of what lay there
            own = about(python.path)
            for way, path in self.ways(python):
                program = path / 'bin' / 'python' if path.is_dir() else path
                started = ask(str(program))
                if not started or started.version != python.version:
                    continue # one that needs its own name, or its libraries beside it, is no Python so
                for kind in ('--symlinks', '--copies'):
                    with self.subTest(python=str(python), way=way, kind=kind):
                        wipe(self.tmp / 'env')
                        env = environment(PYTHONHOME='/none')
                        if kind == '--copies' and not starts_when_copied(python.path):
                            result = self.venv(kind, '--without-pip', '--python', path, self.tmp / 'env', env=env)
                            if result.code != 0: # it is the wrapper that is copied where that is its name
                                self.refused(result, 'does not start when copied')
                                continue
                            wipe(self.tmp / 'env')
                        facts = self.made(kind, '--python', path, env=env)
                        self.assertEqual(tuple(facts['version'][:3]), python.version)
                        self.assertEqual(facts['prefix'], str(self.tmp / 'env'))
                        self.assertEqual(self.name_of_extension(facts), self.name_of_extension(own))


class PyPy(Case):
    def test_its_names_and_directories_are_those_of_its_own_venv(self):
        pypy = need(os.path.exists('/usr/bin/pypy3') and ask('/usr/bin/pypy3'), 'pypy3')
        for options in ((), ('--system-site-packages',)):
            with self.subTest(options=options):
                trees = []
                for make in (self.reference, self.make):
                    make(pypy, '--without-pip', *options, self.tmp / 'env')
                    found = {str(path.relative_to(self.tmp / 'env')):
                             os.readlink(path) if path.is_symlink() else path.is_dir()
                             for path in (self.tmp / 'env').rglob('*')}
                    trees.append({name: what for name, what in found.items()
                                  if not name.lower().startswith('bin/activate')})
                    shutil.rmtree(self.tmp / 'env')
                for added in ('.gitignore', 'CACHEDIR.TAG'):
                    trees[1].pop(added)
                self.assertEqual(*trees)


class Locales(Pythons):
    def test_a_path_outside_ascii_in_a_latin_1_locale(self):
        need_command('localedef')
        made = run(['localedef', '-i', 'en_US', '-f', 'ISO-8859-1', self.home / 'en_US.ISO-8859-1'])
        need(made.code == 0, 'the sources of locales')
        env = environment(LOCPATH=str(self.home), LC_ALL='en_US.ISO-8859-1')
        for python in pythons():
            with self.subTest(python=str(python)):
                link = self.tmp / 'bé' / 'python3'
                link.parent.mkdir(exist_ok=True)
                if link.is_symlink():
                    link.unlink()
                link.symlink_to(python.path)
                facts = self.made('--python', link, env=env)
                self.assertEqual(self.home_of_env(), str(link.parent))
                self.assertEqual(tuple(facts['version'][:3]), python.version)


class Requests(Pythons):
    def version(self, *arguments, **options):
        return tuple(self.made('--clear', *arguments, **options)['version'][:3])

    def test_no_path_at_all(self):
        need(os.path.exists('/usr/bin/python3'), '/usr/bin/python3')
        self.assertEqual(self.version(env=environment(PATH=None)), ask('/usr/bin/python3').version)

    def test_specifiers(self):
        for python in of_pyenv():
            major, minor, micro = python.version
            for request in ('==%d.%d.*' % (major, minor), '~=%d.%d.0' % (major, minor),
                            '>=%d.%d, <%d.%d' % (major, minor, major, minor + 1), 'cp%d%d' % (major, minor),
                            'cpython@%d.%d' % (major, minor), 'CPython==%d.%d.%d' % python.version,
                            '%d.%d-64' % (major, minor), os.path.dirname(os.path.dirname(python.path))):
                with self.subTest(request=request):
                    self.assertEqual(self.version('--python', request)[:2], (major, minor))

    def test_the_project_s_file(self):
        old, new = of_pyenv()[-1], of_pyenv()[0]
        work = self.tmp / 'work' / 'below'
        work.mkdir(parents=True)
        text = {python: '%d.%d.%d' % python.version for python in (old, new)}
        (work.parent / '.python-version').write_text(text[old] + '\n')
        self.assertEqual(self.version(cwd=work), old.version)
        (work / '.python-versions').write_text('# several\n%s\n%s\n' % (text[new], text[old]))
        self.assertEqual(self.version(cwd=work), new.version)
        (work / '.python-version').write_text('%s\n' % text[old])
        self.assertEqual(self.version(cwd=work), old.version)
        self.assertEqual(self.version('--python', text[new], cwd=work), new.version)
        env = environment(VENV_HPP_PYTHON=text[new])
        self.assertEqual(self.version(cwd=work, env=env), new.version)
        first = self.version('--no-python-version', cwd=work)
        self.assertEqual(first, self.version(cwd='/'))
        self.assertNotEqual(first, old.version)

    def test_messages_say_what_asked(self):
        work = self.tmp / 'work'
        work.mkdir()
        (work / '.python-version').write_text('3.99\n')
        for origin, arguments, env in (
                ('--python', ('--python', '3.99'), {}), ('$VENV_HPP_PYTHON', (), {'VENV_HPP_PYTHON': '3.99'}),
                ("'%s'" % (work / '.python-version'), (), {})):
            with self.subTest(origin=origin):
                result = self.venv(*arguments, '--without-pip', self.tmp / 'env', cwd=work,
                                   env=environment(**env))
                self.refused(result, "no Python found for '3.99' (asked for by %s)" % origin)

    def test_the_summary_says_so(self):
        python = of_pyenv()[-1]
        (self.tmp / '.python-version').write_text('%d.%d.%d\n' % python.version)
        result = self.venv('--verbose', '--without-pip', 'env', cwd=self.tmp)
        self.assertIn(", by '%s')" % (self.tmp / '.python-version'), result.err)

    def test_an_empty_request_is_an_error(self):
        for arguments in (('--python', ''), ('--python=',)):
            result = self.venv(*arguments, '--without-pip', self.tmp / 'env')
            self.assertEqual(result.code, 2)
            self.assertIn('--python needs a request', result.err)

    def test_a_link_to_nothing(self):
        (self.tmp / 'python3').symlink_to('/opt/gone/bin/python3')
        result = self.venv('--python', self.tmp / 'python3', '--without-pip', self.tmp / 'env')
        self.refused(result, "is a link to nothing: '/opt/gone/bin/python3' is gone")

    def test_nothing_is_remembered_where_the_variable_says_so(self):
        for value, remembers in (('1', False), ('0', True), ('', True)):
            self.made('--python', newest().path, env=environment(VENV_HPP_NO_CACHE=value))
            self.assertEqual(bool(list(self.cache.rglob('python-*'))), remembers)


class NoneFits(Pythons):
    def failed(self, count):
        """What is said of so many Pythons that don't work, the Hint's lines alone."""
        folders = []
        for i in range(count):
            folders.append(self.script('b%02d/python3' % i, 'echo oh no >&2; echo more >&2; exit %d\n' % (i + 1)).parent)
        result = self.venv(self.tmp / 'env', env=environment(PATH=':'.join(map(str, folders)), PYENV_ROOT='/none'))
        self.refused(result, 'no Python found for an environment')
        self.assertFalse((self.tmp / 'env').exists())
        first, *lines = result.err.splitlines()[1:]
        self.assertEqual(first, 'Hint: Tried:')
        return ["'%s' (PATH) exits with %d: oh no" % (folder / 'python3', i + 1)
                for i, folder in enumerate(folders)], [line.strip() for line in lines]

    def test_each_with_its_reason(self):
        expected, lines = self.failed(18)
        self.assertEqual(lines, expected)

    def test_twenty_lines_at_most(self):
        expected, lines = self.failed(40)
        self.assertEqual(lines, [*expected[:17], 'and 23 more'])

    def test_reasons_of_every_kind(self):
        base = newest()
        rows = (('gone', "is a link to nothing: '/nowhere' is gone"), ('dead', 'was ended by signal 9'),
                ('talks', 'does not answer as Python does: hello'), ('real', 'is CPython %d.%d.%d' % base.version), ('folder', 'is a directory'))
        (self.tmp / 'real').mkdir()
        (self.tmp / 'real' / 'python3').symlink_to(base.path)
        self.script('dead/python3', 'kill -9 $$\n')
        self.script('talks/python3', 'echo hello\n')
        (self.tmp / 'gone').mkdir()
        (self.tmp / 'gone' / 'python3').symlink_to('/nowhere')
        (self.tmp / 'folder' / 'python3').mkdir(parents=True)
        path = ':'.join(str(self.tmp / name) for name, _ in rows)
        result = self.venv('--python', '3.99', self.tmp / 'env', env=environment(PATH=path, PYENV_ROOT='/none'))
        self.refused(result, "no Python found for '3.99'")
        for name, why in rows:
            if name == 'folder': # it could be no program: nobody would look for it there
                self.assertNotIn(str(self.tmp / name), result.err)
                result = self.venv('--python', self.tmp / name / 'python3', self.tmp / 'env')
                self.refused(result, why)
                continue
            self.assertIn("'%s' (PATH) %s" % (self.tmp / name / 'python3', why), result.err)


class Hundred(Pythons):
    """What is remembered of a hundred Pythons is read again: none is started, few calls are made."""

    def calls(self, *arguments, env):
        """The names of the system calls that making an environment takes."""
        trace = self.tmp / 'trace'
        wipe(self.tmp / 'env')
        result = run([need_command('strace'), '-f', '-qq', '-o', trace, PROGRAM, *arguments,
                      '--without-pip', self.tmp / 'env'], env=env)
        self.assertEqual(result.code, 0, str(result))
        return re.findall(r'^\d+ +(\w+)\(', trace.read_text('utf-8', 'replace'), re.MULTILINE)

    def costs(self, request, base, env):
        """How often each system call was made for a request beyond what its Python's own path takes; the
        first time, and when all is remembered."""
        found = []
        for asked in (request, base.path, request, base.path):
            found.append(collections.Counter(self.calls('--python', asked, env=env)))
        return found[0], found[2] - found[3]

    def hundred(self, name, bases):
        """A root of pyenv; the last of the hundred is the last of the bases, the only one of its kind."""
        root = self.tmp / name
        for i in range(100):
            program = root / 'versions' / (name % i) / 'bin' / 'python'
            program.parent.mkdir(parents=True)
            program.symlink_to((bases[-1] if i == 99 else bases[i % (len(bases) - 1 or 1)]).path)
        return environment(PATH='/nonexistent', PYENV_ROOT=str(root))

    def test_a_request_starts_none(self):
        need_traces()
        base = newest()
        major, minor, _ = base.version
        others = [python for python in pythons() if python.version[:2] != base.version[:2]] + [base]
        # By names that tell the version one is asked, by others each: for the newest, until one fits.
        for name, bases, request, most in (
                ('%d.%%02d.%d' % (major, minor), [base], '%d.%d' % (major, minor), 4),
                ('env-%02d', [base], '>=3.8', 15), ('other-%02d', others, '%d.%d' % (major, minor), 15)):
            with self.subTest(name=name):
                first, remembered = self.costs(request, base, self.hundred(name, bases))
                self.assertGreater(first['execve'], 1)
                self.assertEqual(remembered['execve'], 0)
                self.assertEqual([name for name in remembered if 'clone' in name or 'fork' in name], [])
                self.assertLessEqual(sum(remembered.values()), 100 * most + 50, remembered)


class List(Pythons):
    def test_as_json(self):
        broken = self.script('broken/python3', 'echo nothing; exit 3\n')
        env = environment(PATH='%s:/usr/bin:/bin' % broken.parent)
        for _ in range(2):
            result = self.venv('--list-pythons', '--json', env=env)
            self.assertEqual((result.code, result.err), (0, ''))
            found = json.loads(result.out)
            by_path = {python['executable']: python for python in found}
            self.assertEqual(len(by_path), len(found))
            self.assertRegex(by_path[str(broken)]['rejected'], 'exits with 3')
            self.assertIsNone(by_path[str(broken)]['version'])
            versions = {python['version'] for python in found if not python['rejected']}
            for python in pythons():
                self.assertIn('%d.%d.%d' % python.version, versions)
            for python in found:
                if python['rejected']:
                    continue
                facts = about(python['executable'])
                self.assertEqual(python['version'], '%d.%d.%d' % tuple(facts['version'][:3]))
                self.assertEqual(python['bits'], 64 if os.uname().machine.endswith('64') else 32)
                self.assertEqual(python['architecture'], os.uname().machine)

    def test_for_people_and_a_request(self):
        python = of_pyenv()[0]
        request = '%d.%d.%d' % python.version
        result = self.venv('--list-pythons', '--python', request)
        self.assertEqual((result.code, result.err), (0, ''))
        fitting, _, rejected = result.out.partition('Rejected:\n')
        for line in fitting.splitlines():
            self.assertRegex(line, '^CPython %s ' % request)
        self.assertIn(str(PYENV), fitting)
        self.assertIn(' is CPython ', rejected)
        nothing = self.venv('--list-pythons', '--python', '3.99')
        self.assertEqual((nothing.code, nothing.err), (1, ''))

    def test_one_that_is_written_badly(self):
        name = os.fsencode(self.tmp) + b'/b\xe9 "d"\\'
        os.mkdir(name)
        os.symlink(newest().path, name + b'/python3')
        env = {os.fsencode(key): os.fsencode(value) for key, value in environment().items()}
        env[b'PATH'] = name + b':/usr/bin'
        result = self.venv('--list-pythons', '--json', env=env)
        paths = [python['executable'] for python in json.loads(result.out)]
        self.assertIn(os.fsdecode(name + b'/python3'), paths)
