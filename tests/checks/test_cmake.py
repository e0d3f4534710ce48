"""cmake/venv-ensure.cmake: environments that CMake makes, as docs/cmake.md says.

The building of the program is tried with a header of a few lines, whose program becomes the real one; once
with the real header."""

import atexit
import functools
import os
import re
import shutil
import subprocess
import tempfile

import machine
import wheels
from machine import PROGRAM, ROOT, need, need_command
from support import PROCESSORS, Case, run

MODULE = ROOT / 'cmake' / 'venv-ensure.cmake'
BLOCKS = re.findall(r'```cmake\n(.*?)```', (ROOT / 'docs/cmake.md').read_text('utf-8'), re.S)
COG = '''import sys
def main():
    if "-v" in sys.argv:
        print("cog VERSION")
    else:
        print(sys.prefix, sys.argv[1:], "VERSION", file=open(sys.argv[sys.argv.index("-o") + 1], "w"))
if __name__ == "__main__":
    main()
'''
SMALL_HEADER = '''#include <unistd.h>
namespace venv { inline int main(int, char** argv) { return execv(PROGRAM, argv); } }
'''


def make_wheel(folder, version, name='cogapp', tool='cog', text=COG):
    """Of a module with a program, which tells its version."""
    wheels.make_wheel(folder, name, version, {name + '.py': text.replace('VERSION', version)},
                      '[console_scripts]\n%s = %s:main\n' % (tool, name))


@functools.lru_cache(maxsize=None)
def shared_cache():
    """Of this run: what one test had compiled, another one need not."""
    folder = tempfile.TemporaryDirectory(prefix='venv-cmake-cache-')
    atexit.register(folder.cleanup)
    return folder.name


@functools.lru_cache(maxsize=None)
def python():
    """The newest that can install pip."""
    return need([python.path for python in machine.pythons()
                 if machine.run([python.path, '-c', 'import ensurepip']).code == 0], 'a Python with ensurepip')[-1]


class CmakeCase(Case):
    generator = 'Ninja'

    def setUp(self):
        super().setUp()
        need_command('cmake'), need_command('ninja')
        self.source, self.build = self.tmp / 'its source', self.tmp / 'build'
        self.wheels = self.source / 'tools' / 'wheels'
        make_wheel(self.wheels, '3.0')
        make_wheel(self.wheels, '4.0')
        self.python = python()
        # Nothing is asked of an index, and nothing outside is remembered.
        self.env = {**os.environ, 'PIP_NO_INDEX': '1', 'PIP_FIND_LINKS': self.wheels.as_uri(),
                    'XDG_CACHE_HOME': shared_cache(), 'VENV_HPP_PYTHON': self.python}
        for name in ('CXX', 'CXXFLAGS', 'LDFLAGS', 'VIRTUAL_ENV'):
            self.env.pop(name, None)
        self.write('its source/requirements.txt', '-r nested.txt\n')
        self.write('its source/nested.txt', 'cogapp<4\n')
        self.write('its source/tools/requirements.txt', '-r nested.txt\n')
        self.write('its source/tools/nested.txt', 'cogapp<4\n')
        self.write('its source/table.hpp.in', '')

    def project(self, *texts, languages='NONE', prelude=None):
        """A project of these lines, which may use the module."""
        prelude = prelude or 'include("%s")' % MODULE
        self.write('its source/CMakeLists.txt', '\n'.join((
            'cmake_minimum_required(VERSION 3.16)', 'project(its LANGUAGES %s)' % languages, prelude, *texts)))

    def configured(self, *arguments, program=PROGRAM):
        given = ['-DVENV_PROGRAM=%s' % program] if program else []
        return run('cmake', '-G', self.generator, '-S', self.source, '-B', self.build, *given, *arguments,
                   env=self.env)

    def configure(self, *arguments, **options):
        done = self.configured(*arguments, **options)
        self.assertEqual(done.returncode, 0, done.text)
        return done.stdout

    def make(self, *arguments):
        return self.succeed('cmake', '--build', self.build, *arguments, env=self.env)

    def assert_nothing_to_do(self):
        self.assertNotRegex(self.make(), 'Making sure|Generating|Re-running')

    def table(self):
        return (self.build / 'table.hpp').read_text('utf-8')

    def assert_python(self, path, environment):
        self.assertEqual(self.succeed(path, '-c', 'import sys; print(sys.prefix)'), '%s\n' % environment)


class AtConfigure(CmakeCase):
    ensure = 'venv_ensure(tools REQUIREMENTS requirements.txt)'

    def test_find_package_as_documented(self):
        prefix = self.tmp / 'the prefix'
        self.succeed('cmake', '-G', 'Ninja', '-S', ROOT, '-B', self.tmp / 'venv', '-DVENV_BUILD_TESTS=OFF',
                     '-DVENV_BUILD_PROGRAM=OFF', '-DCMAKE_INSTALL_PREFIX=%s' % prefix, env=self.env)
        self.succeed('cmake', '--install', self.tmp / 'venv')
        self.write('its source/CMakeLists.txt', BLOCKS[0] + BLOCKS[1] + 'get_target_property(program tools::Python '
                   'VENV_RUN)\nmessage(STATUS "run by ${program}")\n')
        self.assertIn('cog: cog 3.0', self.configure('-DCMAKE_PREFIX_PATH=%s' % prefix))
        self.make()
        self.assertIn("'-d', '-o', 'table.hpp'", self.table())
        self.assert_nothing_to_do()
        # The installed program is taken; nothing has to be given or built.
        (prefix / 'bin').mkdir()
        os.symlink(PROGRAM, prefix / 'bin' / 'venv')
        shutil.rmtree(self.build)
        said = self.configure('-DCMAKE_PREFIX_PATH=%s' % prefix, program=None)
        self.assertEqual(os.path.realpath(re.search('run by (.*)', said).group(1)), os.path.realpath(PROGRAM))
        self.assertNotIn('building', said)

    def test_from_the_sources(self):
        for prelude in ('add_subdirectory("%s" the-header)' % ROOT,
                        'include(FetchContent)\nFetchContent_Declare(venv SOURCE_DIR "%s")\n'
                        'FetchContent_MakeAvailable(venv)' % ROOT):
            with self.subTest(prelude=prelude):
                shutil.rmtree(self.build, ignore_errors=True)
                self.project(self.ensure, languages='CXX', prelude=prelude)
                self.configure()
                self.assertIn('cog 3.0', self.succeed(self.build / 'tools-env/bin/cog', '-v'))

    def test_changed_requirements_configure_again(self):
        self.project(self.ensure, 'execute_process(COMMAND "${Python3_EXECUTABLE}" -m cogapp -v)')
        self.assertIn('cog 3.0', self.configure())
        self.assert_nothing_to_do()
        for name, text, version in (('nested.txt', 'cogapp>=4\n', '4.0'), ('requirements.txt', 'cogapp<4\n', '3.0')):
            with self.subTest(name=name):
                self.write('its source/' + name, text)
                self.assertIn('cog ' + version, self.make())
                self.assert_nothing_to_do()
        shutil.rmtree(self.build / 'tools-env')
        self.assertIn('cog 3.0', self.make())
        self.assert_nothing_to_do()

    def test_what_find_python_remembers_is_forgotten(self):
        base = need([one.path for one in machine.pythons() if one.path != self.python], 'a second Python')[0]
        version = self.succeed(base, '-c', 'import platform; print(platform.python_version())').strip()
        for components, hint in (('Interpreter', '-DPython3_EXECUTABLE=' + self.python),
                                 ('Interpreter Development', '-DPython3_FIND_STRATEGY=VERSION')):
            with self.subTest(hint=hint):
                shutil.rmtree(self.build, ignore_errors=True)
                self.project('if(OURS)', 'venv_ensure(tools PYTHON "%s")' % base, 'endif()',
                             'find_package(Python3 COMPONENTS %s)' % components,
                             'message(STATUS "is ${Python3_EXECUTABLE} ${Python3_VERSION}, ${Python3_INCLUDE_DIRS}")',
                             languages='CXX')
                said = self.configure(hint)
                self.assertRegex(said, 'is /')
                self.assertNotIn(version, said)
                said = self.configure('-DOURS=ON')
                self.assertIn('is %s/tools-env/bin/python %s,' % (self.build, version), said)
                if 'Development' in components:
                    self.assertIn('python' + version.rpartition('.')[0], said.rpartition(version + ',')[2])

    def test_strange_names(self):
        name = 'it\'s "so" $HOME (a) [b] #ü.txt'
        self.write('its source/' + name, '-r "odd [name] $x#1.txt"\n')
        self.write('its source/odd [name] $x#1.txt', 'cogapp<4\n')
        self.project('venv_ensure(tools REQUIREMENTS [=[%s]=] DIRECTORY [=[an "env" of $mine]=])' % name,
                     'execute_process(COMMAND "${tools_PYTHON}" -m cogapp -v)')
        self.assertIn('cog 3.0', self.configure())
        self.assert_python(self.source / 'an "env" of $mine' / 'bin' / 'python', self.source / 'an "env" of $mine')
        self.write('its source/odd [name] $x#1.txt', 'cogapp>=4\n')
        self.assertIn('cog 4.0', self.make())

    def test_what_is_refused(self):
        for call, words in (('venv_ensure(t DIRECTORY "a;b")', 'semicolon'),
                            ('venv_ensure(t REQUIREMENTS "a\\;b")', 'semicolon'),
                            ('venv_ensure(t PACKAGES [=[a\\;python_version>"3"]=])', 'semicolon'),
                            ('venv_ensure(t AT NOON)', 'CONFIGURE or BUILD'), ('venv_ensure(t FROM x)', 'what is this'),
                            ('venv_ensure(t PACKAGES absent)', 'absent'),
                            ('venv_command(OUTPUT x ENV nobody COMMAND y)', 'nobody')):
            with self.subTest(call=call):
                shutil.rmtree(self.build, ignore_errors=True)
                self.project(call)
                done = self.configured()
                self.assertNotEqual(done.returncode, 0, done.text)
                self.assertEqual(done.stdout.count('CMake Error'), 1, done.text)
                self.assertIn(words, done.stdout)
        self.project(self.ensure)
        self.assertIn('VENV_PROGRAM', self.configured(program='/bin/true').stdout)

    def test_packages_constraints_and_python(self):
        self.write('its source/limits', 'cogapp<4\n')
        first = need(machine.pythons(), 'a Python')[0].path
        self.project('venv_ensure(tools PYTHON "%s" PACKAGES cogapp CONSTRAINTS limits WHEEL_DIRS tools/wheels OFFLINE '
                     'LOCK_TIMEOUT 9)' % first, 'execute_process(COMMAND "${Python_EXECUTABLE}" -m cogapp -v)')
        self.env.pop('PIP_FIND_LINKS')
        self.assertIn('cog 3.0', self.configure())
        question = 'import sys; print(sys.version)'
        self.assertEqual(self.succeed(self.build / 'tools-env/bin/python', '-c', question),
                         self.succeed(first, '-c', question))
        self.assertEqual((self.build / 'tools-env.txt').read_text(), 'cogapp\n')
        before = os.stat(self.build / 'tools-env.txt').st_mtime_ns
        self.configure()
        self.assertEqual(os.stat(self.build / 'tools-env.txt').st_mtime_ns, before)


class AtBuild(CmakeCase):
    def test_as_documented(self):
        self.project(BLOCKS[1])
        self.configure()
        self.assertFalse((self.build / 'generators-env').exists())
        self.make()
        self.assertEqual(self.table(), "%s/generators-env ['-d', '-o', 'table.hpp', '%s/table.hpp.in'] 3.0\n"
                         % (self.build, self.source))
        self.assert_nothing_to_do()

    def test_changed_requirements(self):
        self.project(BLOCKS[1])
        self.configure()
        self.make()
        for name, text, version in (('nested.txt', 'cogapp>=4\n', '4.0'), ('requirements.txt', 'cogapp<4\n', '3.0')):
            with self.subTest(name=name):
                self.write('its source/tools/' + name, text)
                self.make()
                self.assertTrue(self.table().endswith(' %s\n' % version), self.table())
                self.assert_nothing_to_do()
        # A change that changes nothing runs no tool.
        before = os.stat(self.build / 'table.hpp').st_mtime_ns
        self.write('its source/tools/requirements.txt', 'cogapp<4 # the same\n')
        self.assertIn('Making sure', self.make())
        self.assertEqual(os.stat(self.build / 'table.hpp').st_mtime_ns, before)

    def test_clean_and_deleted(self):
        self.project(BLOCKS[1])
        self.configure()
        self.make()
        self.make('--target', 'clean')
        self.assertFalse((self.build / 'generators-env.stamp').exists())
        self.assertTrue((self.build / 'generators-env/bin/cog').exists())
        self.make()
        self.assertTrue((self.build / 'table.hpp').exists())
        self.assert_nothing_to_do()
        shutil.rmtree(self.build / 'generators-env')
        self.make()
        self.assertTrue((self.build / 'generators-env/bin/cog').exists())
        self.assert_nothing_to_do()

    def test_its_python_from_another_directory(self):
        (self.source / 'below').mkdir()
        self.write('its source/below/CMakeLists.txt',
                   'add_custom_command(OUTPUT said COMMAND generators::Python -m cogapp -o said\n'
                   '                   DEPENDS generators-ready)\n'
                   'venv_command(OUTPUT again ENV generators\n'
                   '             COMMAND python -m cogapp -o again "a b" x\\;y [=[$q"\']=])\n'
                   'add_custom_target(below ALL DEPENDS said again)\n')
        self.project(BLOCKS[1], 'add_subdirectory(below)')
        self.configure()
        self.make('-j2')
        self.assertEqual((self.build / 'below/said').read_text(), "%s/generators-env ['-o', 'said'] 3.0\n" % self.build)
        self.assertIn(repr(['-o', 'again', 'a b', 'x;y', '$q"\'']), (self.build / 'below/again').read_text())
        self.assert_nothing_to_do()


class AtBuildByMake(AtBuild):
    generator = 'Unix Makefiles'

    def setUp(self):
        super().setUp()
        need_command('make')
        version = re.search(r'(\d+)\.(\d+)', self.succeed('cmake', '--version')).groups()
        if tuple(map(int, version)) < (3, 20):
            self.skipTest('Makefiles know depfiles from CMake 3.20 on')


class Program(CmakeCase):
    """It is found, built for this machine, or done without."""

    def setUp(self):
        super().setUp()
        # The module beside a small header; a log of each compilation.
        self.module = self.tmp / 'venv hpp' / 'cmake' / MODULE.name
        self.write('venv hpp/venv.hpp', SMALL_HEADER.replace('PROGRAM', '"%s"' % PROGRAM))
        self.module.parent.mkdir()
        shutil.copy(MODULE, self.module)
        self.prelude = 'include("%s")' % self.module
        self.log = self.tmp / 'log'
        self.log.write_text('')
        self.tool('c++', 'echo "$@" >> "%s"\nexec %s "$@"\n' % (self.log, need_command('g++')))
        self.env['PATH'] = '%s:%s' % (self.tmp / 'bin', self.env['PATH'])

    def tool(self, name, text):
        (self.write('bin/' + name, '#!/bin/sh\n' + text)).chmod(0o755)

    def builds(self):
        """How often the program was compiled."""
        return self.log.read_text().count('/venv.cpp')

    def script(self, text, *arguments, **options):
        return ['cmake', *arguments, '-P', self.write('a script.cmake', text)]

    def test_is_built_once(self):
        self.project(BLOCKS[1], prelude=self.prelude)
        self.assertIn('building the program once', self.configure(program=None))
        self.make()
        self.assertTrue(self.table().endswith(' 3.0\n'))
        self.assertNotIn('building', self.configure(program=None))
        self.assertEqual(self.builds(), 1)

    def test_a_folder_above_the_sources_is_not_searched(self):
        """/tmp/bin, say, which anybody may fill."""
        module = self.tmp / 'above' / 'a' / 'b' / 'cmake' / MODULE.name
        module.parent.mkdir(parents=True)
        shutil.copy(MODULE, module)
        shutil.copy(self.module.parents[1] / 'venv.hpp', module.parents[1])
        (self.tmp / 'above' / 'bin').mkdir()
        (self.tmp / 'above' / 'bin' / 'venv').symlink_to(PROGRAM)
        self.project('venv_ensure(tools)', prelude='include("%s")' % module)
        self.assertIn('building the program once', self.configure(program=None))

    def test_is_built_for_this_machine(self):
        """By a compiler of the machine, whatever the project's is for. The toolchains: one for Windows, and
        one for a machine without a system, as arm-none-eabi's is, which can't link."""
        cross = need_command('x86_64-w64-mingw32-g++-posix')
        toolchains = {
            'windows': 'set(CMAKE_SYSTEM_NAME Windows)\nset(CMAKE_CXX_COMPILER %s)\n' % cross,
            'generic': 'set(CMAKE_SYSTEM_NAME Generic)\nset(CMAKE_CXX_COMPILER "%s")\n'
                       'set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)\n' % (self.tmp / 'bin/no-linker')}
        self.tool('no-linker', 'case " $* " in *" -c "*|*" -E "*|*" --version "*) exec %s "$@";; esac\n'
                  'exit 1\n' % cross)
        for name, text in toolchains.items():
            with self.subTest(name=name):
                shutil.rmtree(self.build, ignore_errors=True)
                toolchain = self.write(name + '.cmake', text + ''.join(
                    'set(CMAKE_FIND_ROOT_PATH_MODE_%s ONLY)\n' % kind for kind in ('PROGRAM', 'LIBRARY', 'INCLUDE'))
                    + 'set(CMAKE_FIND_ROOT_PATH /usr/x86_64-w64-mingw32)\n')
                self.project('venv_ensure(tools REQUIREMENTS requirements.txt)', BLOCKS[1], languages='CXX',
                             prelude=self.prelude)
                self.env['CXX'] = cross
                said = self.configure('-DCMAKE_TOOLCHAIN_FILE=%s' % toolchain,
                                      '-DCMAKE_MAKE_PROGRAM=' + need_command('ninja'), program=None)
                self.assertIn('once, with %s' % (self.tmp / 'bin/c++'), said)
                program, = (self.build / 'venv-program').glob('venv-*[0-9a-f]')
                self.assertEqual(program.read_bytes()[:4], b'\x7fELF')
                self.make()
                self.assertTrue(self.table().endswith(' 3.0\n'))
                for variable in ('-DCMAKE_TOOLCHAIN_FILE=%s' % toolchain, '-DCMAKE_SYSTEM_NAME=Generic'):
                    shutil.rmtree(self.tmp / 'work', ignore_errors=True)
                    said = self.succeed(*self.script(BLOCKS[2], '-DVENV_SOURCE=%s' % self.module.parents[1], variable),
                                        env=self.env, cwd=self.tmp)
                    self.assertIn('once, with %s' % (self.tmp / 'bin/c++'), said)
                    self.assertIn('cog 4.0', said)

    def test_a_compiler_whose_programs_do_not_run_is_passed_over(self):
        self.tool('c++', 'exec %s "$@"\n' % need_command('x86_64-w64-mingw32-g++-posix'))
        self.tool('g++', 'exec %s "$@"\n' % need_command('g++'))
        self.project('venv_ensure(tools)', prelude=self.prelude)
        self.assertIn('once, with %s' % (self.tmp / 'bin/g++'), self.configure(program=None))

    def test_a_script_as_documented(self):
        words = self.script(BLOCKS[2], '-DVENV_SOURCE=%s' % self.module.parents[1])
        for _ in range(2):
            self.assertIn('cog 4.0', self.succeed(*words, env=self.env, cwd=self.tmp))
        self.assertEqual(self.builds(), 1)
        self.assert_python(self.tmp / 'work/tools/bin/python', self.tmp / 'work/tools')

    def test_scripts_at_once(self):
        words = self.script(BLOCKS[2], '-DVENV_SOURCE=%s' % self.module.parents[1])
        for number in range(3):
            shutil.rmtree(self.tmp / 'work', ignore_errors=True)
            self.log.write_text('')
            started = [subprocess.Popen([str(word) for word in words], env=self.env, cwd=self.tmp, encoding='utf-8',
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT) for _ in range(2)]
            for process in started:
                said = process.communicate(timeout=300)[0]
                self.assertEqual(process.returncode, 0, said)
                self.assertIn('cog 4.0', said)
            self.assertEqual(self.builds(), 1, number)

    def test_python_does_it_when_there_is_neither(self):
        tools = self.tmp / 'tools only'
        tools.mkdir()
        for name in ('cmake', 'ninja', 'sh'):
            os.symlink(os.path.realpath(need_command(name)), tools / name)
        self.env['PATH'] = str(tools)
        self.project('venv_ensure(tools PYTHON "%s" REQUIREMENTS requirements.txt)' % self.python,
                     BLOCKS[1].replace('AT BUILD', 'AT BUILD PYTHON "%s"' % self.python))
        said = self.configure('-DCMAKE_FIND_USE_CMAKE_SYSTEM_PATH=OFF', program=None)
        self.assertIn('"python -m venv" and pip do its work', said)
        self.assertEqual(said.count('there is no venv program'), 1)
        self.assert_python(self.build / 'tools-env/bin/python', self.build / 'tools-env')
        self.make()
        self.assertTrue(self.table().endswith(' 3.0\n'))
        self.assert_nothing_to_do()
        self.write('its source/tools/requirements.txt', 'cogapp>=4\n')
        self.write('its source/requirements.txt', 'cogapp>=4\n')
        self.make()
        self.assertTrue(self.table().endswith(' 4.0\n'))
        self.assertIn('cog 4.0', self.succeed(self.build / 'tools-env/bin/cog', '-v'))
        self.assert_nothing_to_do()
        said = self.succeed(*self.script('%s\nvenv_ensure(tools DIRECTORY work/tools PYTHON "%s" PACKAGES cogapp)'
                                         % (self.prelude, self.python)), env=self.env, cwd=self.tmp)
        self.assertIn('no compiler', said)
        self.assert_python(self.tmp / 'work/tools/bin/python', self.tmp / 'work/tools')

    def test_the_real_one_by_add_subdirectory(self):
        self.project(BLOCKS[1], languages='CXX', prelude='add_subdirectory("%s" the-header)' % ROOT)
        self.assertIn('building the program once', self.configure(program=None))
        self.make('-j', str(PROCESSORS))
        self.assertTrue(self.table().endswith(' 3.0\n'))
        self.assert_nothing_to_do()
