"""What build systems other than CMake find of the project: meson.build, venv.pc, BUILD.bazel and MODULE.bazel,
packaging/conan, packaging/vcpkg. Each is used by a small project, tests/consumer or the one that the docs show.

The header is one of a few lines, whose program becomes the real one; its building is tried elsewhere."""

import glob
import json
import os
import pathlib
import re
import shutil
import tempfile

import test_cmake
from machine import PROGRAM, ROOT, need, need_command
from support import Case, run

CONSUMER = ROOT / 'tests' / 'consumer'
MESON = re.findall(r'```(?:ini|meson)\n(.*?)```', (ROOT / 'docs/meson.md').read_text('utf-8'), re.S)
VERSION = '.'.join(re.findall(r'#define VENV_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)',
                              (ROOT / 'venv.hpp').read_text('utf-8')))
HEADER = ''.join('#define VENV_VERSION_%s %s\n' % pair for pair in zip(('MAJOR', 'MINOR', 'PATCH'), VERSION.split('.')))
HEADER += '''#if defined(_WIN32)
namespace venv { inline int main(int, char**) { return 1; } }
#else
#include <string_view>
#include <unistd.h>
namespace venv { inline int main(int, char** argv) { return execv("%s", argv); } }
#endif
''' % PROGRAM
INSTALLED = {'bin/venv', 'include/venv.hpp', 'share/bash-completion/completions/venv', 'share/man/man1/venv.1',
             'share/fish/vendor_completions.d/venv.fish', 'share/zsh/site-functions/_venv', 'share/pkgconfig/venv.pc'}


def tool(name, path):
    """What tools/install --all laid into build/tools."""
    return need(next(iter(sorted(glob.glob(str(ROOT / 'build' / 'tools' / path)))), None), name)


def lay_sources(folder):
    """The project as somebody else gets it."""
    for pattern in ('meson.build', '*.bazel', 'CMakeLists.txt', 'LICENSE', 'cmake/*', 'packaging/**/*',
                    'examples/venv.cpp', 'examples/CMakeLists.txt'):
        for path in filter(pathlib.Path.is_file, ROOT.glob(pattern)):
            target = folder / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    (folder / 'venv.hpp').write_text(HEADER)
    return folder


def files_below(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob('*') if path.is_file()}


class Versions(Case):
    def test_are_the_header_s(self):
        for name in ('meson.build', 'MODULE.bazel', 'packaging/vcpkg/venv-hpp/vcpkg.json', 'docs/packaging.md',
                     'tests/consumer/MODULE.bazel'):
            text = (ROOT / name).read_text('utf-8')
            self.assertRegex(text, r'(?s)venv-hpp.{0,40}\b%s\b' % re.escape(VERSION), name)


class PackageCase(test_cmake.CmakeCase):
    """A project of somebody else's, with wheels of `cog`, and the sources or what they install beside it."""

    def check_python(self, environment):
        self.assert_python(environment / 'bin' / 'python', environment)

    def build_consumer(self, *arguments):
        self.succeed('cmake', '-G', 'Ninja', '-S', CONSUMER, '-B', self.build, '-DWAY=find_package',
                     '-DPYTHON=' + self.python, *arguments, env=self.env)
        self.make('--target', 'all')
        self.make('--target', 'environment')
        self.check_python(self.build / 'environment')
        self.assertIn(VERSION, self.succeed(self.build / 'consumer', '--version'))


class Meson(PackageCase):
    def setUp(self):
        super().setUp()
        self.meson = need_command('meson')
        self.env['NINJA'] = need_command('ninja')
        self.write('its source/main.cpp', '#include <table.hpp>\n#include <venv.hpp>\nint main() {}\n')
        # What the tool writes is no C++.
        wheel = test_cmake.COG.replace('print(sys.prefix', 'print("//", sys.prefix')
        self.assertNotEqual(wheel, test_cmake.COG)
        for version in ('3.0', '4.0'):
            test_cmake.make_wheel(self.wheels, version, text=wheel)

    def setup(self, *arguments):
        return self.succeed(self.meson, 'setup', self.build, self.source, *arguments, env=self.env)

    def ninja(self, *arguments):
        return self.succeed(self.env['NINJA'], '-C', self.build, *arguments, env=self.env)

    def as_subproject(self):
        lay_sources(self.source / 'subprojects' / 'venv-hpp')
        self.write('its source/subprojects/venv-hpp.wrap', MESON[0])

    def installed(self):
        prefix = self.tmp / 'the prefix'
        self.succeed(self.meson, 'setup', self.tmp / 'ours', lay_sources(self.tmp / 'venv'), '--prefix=%s' % prefix,
                     env=self.env)
        self.succeed(self.meson, 'install', '-C', self.tmp / 'ours', env=self.env)
        self.env.update(PKG_CONFIG_PATH=str(prefix / 'share/pkgconfig'),
                        PATH='%s:%s' % (prefix / 'bin', self.env['PATH']))
        return prefix

    def check_as_documented(self):
        self.assertTrue(self.table().endswith(' 3.0\n'), self.table())
        self.assertIn('no work to do', self.ninja())
        self.write('its source/nested.txt', 'cogapp>=4\n')
        self.ninja()
        self.assertTrue(self.table().endswith(' 4.0\n'), self.table())
        self.assertIn('no work to do', self.ninja())

    def test_as_documented(self):
        self.as_subproject()
        self.write('its source/meson.build', MESON[1])
        said = self.setup()
        self.assertRegex(said, r'Program venv found: YES \(overridden\)')
        self.assertFalse((self.build / 'generators').exists())
        self.ninja()
        self.check_as_documented()

    def test_as_documented_with_what_is_installed(self):
        self.installed()
        self.write('its source/meson.build', MESON[1])
        self.assertRegex(self.setup(), r'Run-time dependency venv found: YES %s' % re.escape(VERSION))
        self.ninja()
        self.check_as_documented()

    def test_while_meson_configures(self):
        self.installed()
        self.write('its source/meson.build', MESON[2])
        self.assertIn('cog 3.0', self.setup())
        self.check_python(self.build / 'tools')

    def test_what_is_installed(self):
        self.assertEqual(files_below(self.installed()), INSTALLED)

    def test_nothing_is_built_that_nobody_uses(self):
        self.as_subproject()
        self.write('its source/meson.build', "project('its', 'cpp')\nexecutable('its', 'main.cpp', "
                   "dependencies: dependency('venv'))\n")
        self.write('its source/main.cpp', '#include <venv.hpp>\nint main() {}\n')
        self.setup()
        self.assertNotIn('examples_venv', self.ninja('-v'))

    def test_the_consumer_and_a_cross_build(self):
        shutil.copytree(CONSUMER, self.source, dirs_exist_ok=True)
        self.as_subproject()
        cross = need_command('x86_64-w64-mingw32-g++-posix')
        file = self.write('cross.ini', "[binaries]\ncpp = '%s'\n[host_machine]\nsystem = 'windows'\n"
                          "cpu_family = 'x86_64'\ncpu = 'x86_64'\nendian = 'little'\n" % cross)
        for arguments in ((), ('--cross-file', file)):
            with self.subTest(arguments=arguments):
                shutil.rmtree(self.build, ignore_errors=True)
                self.setup('-Dpython=' + self.python, *arguments)
                self.ninja()
                self.check_python(self.build / 'environment')
                self.assertEqual((self.build / 'consumer.exe').exists(), bool(arguments))


class PkgConfig(PackageCase):
    def test_what_cmake_and_meson_install_says_the_same(self):
        sources = lay_sources(self.tmp / 'venv')
        by_meson, by_cmake, moved = (self.tmp / name for name in ('by meson', 'by cmake', 'moved'))
        self.succeed(need_command('meson'), 'setup', self.tmp / 'm', sources, '--prefix=%s' % by_meson)
        self.succeed('meson', 'install', '-C', self.tmp / 'm')
        self.succeed('cmake', '-G', 'Ninja', '-S', sources, '-B', self.tmp / 'c', '-DVENV_BUILD_TESTS=OFF',
                     '-DCMAKE_INSTALL_PREFIX=%s' % by_cmake)
        self.succeed('cmake', '--build', self.tmp / 'c', '--target', 'venv_program')
        self.succeed('cmake', '--install', self.tmp / 'c')
        self.assertEqual({name for name in files_below(by_cmake) if not name.endswith('.cmake')}, INSTALLED)
        shutil.copytree(by_cmake, moved)
        for prefix in (by_meson, moved):
            with self.subTest(prefix=prefix):
                env = {**os.environ, 'PKG_CONFIG_PATH': str(prefix / 'share/pkgconfig')}
                if prefix == moved:
                    shutil.rmtree(by_cmake)
                asked = [need_command('pkg-config'), 'venv']
                self.assertEqual(self.succeed(*asked, '--modversion', env=env).strip(), VERSION)
                flags, program = (self.succeed(*asked, *what, env=env).strip().replace('\\', '') for what in (
                    ('--cflags', '--libs'), ('--variable=program',)))
                self.assertIn('-pthread', flags)
                include = re.match('-I(.*?/include)(?= |$)', flags).group(1)
                self.assertEqual(os.path.realpath(include), str((prefix / 'include').resolve()))
                self.assertTrue(os.path.samefile(program, prefix / 'bin' / 'venv'), program)

    def test_a_header_alone_and_other_directories(self):
        sources, prefix = lay_sources(self.tmp / 'venv'), self.tmp / 'prefix'
        self.succeed('cmake', '-G', 'Ninja', '-S', sources, '-B', self.tmp / 'c', '-DVENV_BUILD_TESTS=OFF',
                     '-DVENV_BUILD_PROGRAM=OFF', '-DCMAKE_INSTALL_PREFIX=%s' % prefix,
                     '-DCMAKE_INSTALL_INCLUDEDIR=%s' % (self.tmp / 'headers'), '-DCMAKE_INSTALL_DATADIR=data/all')
        self.succeed('cmake', '--install', self.tmp / 'c')
        text = (prefix / 'data/all/pkgconfig/venv.pc').read_text()
        self.assertIn('prefix=${pcfiledir}/../../..\nincludedir=%s\n' % (self.tmp / 'headers'), text)
        self.assertNotIn('program', text)


class Bazel(PackageCase):
    def test_files_are_well_formed(self):
        buildifier = tool('buildifier', 'buildifier-*/node_modules/@bazel/buildifier/buildifier-linux_%s' % (
            {'x86_64': 'amd64', 'aarch64': 'arm64'}.get(os.uname().machine, 'none')))
        folder = self.tmp / 'bazel'
        for path in (*ROOT.glob('*.bazel'), *CONSUMER.glob('*.bazel')):
            copy = folder / path.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)
            self.succeed(buildifier, '-mode=check', '-lint=warn', '-warnings=all', copy)
        copy = self.write('bazel/MODULE.bazel', 'module(\n    name = "venv-hpp",\n')
        self.assertNotEqual(run(buildifier, '-mode=check', copy).returncode, 0)
        documented = re.search(r'```starlark\n(.*?)```', (ROOT / 'docs/packaging.md').read_text('utf-8'), re.S)
        self.write('bazel/docs/MODULE.bazel', documented.group(1))
        self.succeed(buildifier, '-mode=check', '-lint=warn', folder / 'docs/MODULE.bazel')

    def setUp(self):
        super().setUp()
        # It refuses a directory with a space.
        self.tmp = pathlib.Path(tempfile.mkdtemp(prefix='venv-bazel-'))
        self.source = self.tmp / 'its'
        self.addCleanup(shutil.rmtree, self.tmp, ignore_errors=True)

    def stand_in(self, name, folder, rules, kinds):
        """A repository of rules that are the native ones. Debian's Bazel looks for both in the net."""
        self.write('%s/WORKSPACE' % name, ''), self.write('%s/BUILD' % name, '')
        self.write('%s/%s/BUILD' % (name, folder), '')
        for file, names in {**rules, 'defs': kinds}.items():
            text = ''.join('%s = native.%s\n' % (kind, kind) for kind in names)
            self.write('%s/%s/%s.bzl' % (name, folder, file), text)
        return '--override_repository=%s=%s' % (name, self.tmp / name)

    def test_the_consumer(self):
        bazel = need_command('bazel')
        cc = 'library binary test import toolchain toolchain_suite'
        java = 'library binary import toolchain runtime proto_library'
        overrides = [
            self.stand_in('rules_cc', 'cc', {'cc_library': ['cc_library'], 'cc_binary': ['cc_binary']},
                          ['cc_' + kind for kind in cc.split()] + ['fdo_profile', 'fdo_prefetch_hints']),
            self.stand_in('rules_java', 'java', {}, ['java_' + kind for kind in java.split()])]
        sources = lay_sources(self.tmp / 'venv')
        (sources / 'WORKSPACE').write_text('')
        shutil.copytree(CONSUMER, self.source, dirs_exist_ok=True)
        # What MODULE.bazel says to a newer one.
        names = ''.join('local_repository(name = "%s", path = "../%s")\n' % pair for pair in (
            ('rules_cc', 'rules_cc'), ('venv-hpp', 'venv')))
        self.write('its/WORKSPACE', names)
        words = [bazel, '--batch', '--output_user_root=%s' % (self.tmp / 'bazel')]
        self.addCleanup(run, 'chmod', '-R', 'u+w', self.tmp / 'bazel')
        build = ('build', '--jobs=1', '--spawn_strategy=local', *overrides)
        env = {**self.env, 'PATH': '%s:/usr/bin:/bin' % os.path.dirname(self.python)}
        self.succeed(*words, *build, '//...', cwd=self.source, env=env)
        made = self.source / 'bazel-bin'
        self.assertIn(VERSION, self.succeed(made / 'consumer', '--version'))
        prefix = self.succeed(made / 'environment/bin/python', '-c', 'import sys; print(sys.prefix)').strip()
        self.assertEqual(os.path.realpath(prefix), os.path.realpath(made / 'environment'))
        # In the sources themselves, too.
        self.succeed(*words, *build, '//:venv', cwd=sources, env=env)


class Conan(PackageCase):
    def test_the_consumer_and_as_a_tool(self):
        script = tool('conan', 'conan-*/bin/conan')
        conan = (os.path.join(os.path.dirname(script), 'python'), script) # it was moved since it was installed
        sources = lay_sources(self.tmp / 'venv')
        self.env['CONAN_HOME'] = str(self.tmp / 'conan')
        self.succeed(*conan, 'profile', 'detect', env=self.env)
        header, program = (self.succeed(*conan, 'create', sources / 'packaging/conan', *options, env=self.env,
                                        cwd=self.tmp) for options in ((), ('-o', 'venv-hpp/*:program=True')))
        self.assertIn('venv-hpp/%s: Package ' % VERSION, header)
        self.assertNotIn('examples/venv.cpp.o', header)
        self.assertIn('Built target venv_program', program)
        install = re.search(r'(?m)^conan (install .*)$', (ROOT / 'docs/packaging.md').read_text('utf-8')).group(1)
        self.succeed(*conan, *install.split(), '-of', self.tmp / 'generated', env=self.env, cwd=self.tmp)
        self.build_consumer('-DCMAKE_TOOLCHAIN_FILE=%s' % (self.tmp / 'generated/conan_toolchain.cmake'),
                            '-DCMAKE_BUILD_TYPE=Release')
        self.succeed(*conan, 'install', '--tool-requires=venv-hpp/' + VERSION, '-o:b', 'venv-hpp/*:program=True',
                     '-of', self.tmp / 'tool', env=self.env, cwd=self.tmp)
        self.assertIn(VERSION, self.succeed('sh', '-c', '. "$1/conanbuild.sh" && exec venv --version', 'sh',
                                            self.tmp / 'tool', env={**self.env, 'PATH': '/usr/bin:/bin'}))


STAND_INS = '''cmake_minimum_required(VERSION 3.16)
function(vcpkg_check_features)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "OUT_FEATURE_OPTIONS" "FEATURES")
  list(GET arg_FEATURES 0 feature)
  list(GET arg_FEATURES 1 option)
  set(value OFF)
  if(feature IN_LIST FEATURES)
    set(value ON)
  endif()
  set(${arg_OUT_FEATURE_OPTIONS} -D${option}=${value} PARENT_SCOPE)
endfunction()
function(run_it)
  execute_process(COMMAND ${ARGV} RESULT_VARIABLE code)
  if(NOT code STREQUAL "0")
    message(FATAL_ERROR "${code}")
  endif()
endfunction()
function(vcpkg_cmake_configure)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "SOURCE_PATH" "OPTIONS")
  run_it("${CMAKE_COMMAND}" -G Ninja -S "${arg_SOURCE_PATH}" -B "${WORK}" ${arg_OPTIONS}
         "-DCMAKE_INSTALL_PREFIX=${CURRENT_PACKAGES_DIR}" -DCMAKE_BUILD_TYPE=Release)
endfunction()
function(vcpkg_cmake_install)
  run_it("${CMAKE_COMMAND}" --build "${WORK}" --target install)
endfunction()
function(vcpkg_cmake_config_fixup)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "PACKAGE_NAME;CONFIG_PATH" "")
  file(RENAME "${CURRENT_PACKAGES_DIR}/${arg_CONFIG_PATH}" "${CURRENT_PACKAGES_DIR}/share/${arg_PACKAGE_NAME}")
  set(targets "${CURRENT_PACKAGES_DIR}/share/${arg_PACKAGE_NAME}/${arg_PACKAGE_NAME}-targets")
  foreach(file "${targets}.cmake" "${targets}-release.cmake")
    if(EXISTS "${file}")
      file(READ "${file}" text)
      # From share/NAME it is one directory less to the prefix; programs lie in tools/PORT.
      string(REPLACE "PATH)\\nget_filename_component(_IMPORT_PREFIX \\"\\${_IMPORT_PREFIX}\\" PATH)\\nif"
                     "PATH)\\nif" text "${text}")
      string(REPLACE "{_IMPORT_PREFIX}/bin/" "{_IMPORT_PREFIX}/tools/${PORT}/" text "${text}")
      file(WRITE "${file}" "${text}")
    endif()
  endforeach()
endfunction()
function(vcpkg_copy_tools)
  cmake_parse_arguments(PARSE_ARGV 0 arg "AUTO_CLEAN" "" "TOOL_NAMES")
  file(MAKE_DIRECTORY "${CURRENT_PACKAGES_DIR}/tools/${PORT}")
  file(RENAME "${CURRENT_PACKAGES_DIR}/bin/${arg_TOOL_NAMES}" "${CURRENT_PACKAGES_DIR}/tools/${PORT}/${arg_TOOL_NAMES}")
  file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/bin")
endfunction()
function(vcpkg_replace_string path before after)
  file(READ "${path}" text)
  string(REPLACE "${before}" "${after}" text "${text}")
  file(WRITE "${path}" "${text}")
endfunction()
function(vcpkg_fixup_pkgconfig)
endfunction()
function(vcpkg_install_copyright)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "" "FILE_LIST")
  configure_file("${arg_FILE_LIST}" "${CURRENT_PACKAGES_DIR}/share/${PORT}/copyright" COPYONLY)
endfunction()
include("${PORTFILE}")
'''


class Vcpkg(PackageCase):
    def setUp(self):
        super().setUp()
        self.port = lay_sources(self.tmp / 'venv') / 'packaging/vcpkg/venv-hpp'

    def test_the_manifest(self):
        text = (ROOT / 'packaging/vcpkg/venv-hpp/vcpkg.json').read_text('utf-8')
        manifest = json.loads(text)
        self.assertEqual(text, json.dumps(manifest, indent=2) + '\n')
        self.assertEqual(manifest['name'], self.port.name)
        self.assertLessEqual(set(manifest), {'name', 'version', 'description', 'license', 'dependencies', 'features'})
        for feature in manifest['features'].values():
            self.assertTrue(feature['description'])

    def check_what_is_there(self, prefix, with_tool):
        expected = {'include/venv.hpp', 'share/venv-hpp/copyright', 'share/venv-hpp/usage', 'share/pkgconfig/venv.pc',
                    'share/venv/venv-config.cmake', 'share/venv/venv-ensure.cmake'}
        files = files_below(prefix)
        self.assertLessEqual(expected, files)
        self.assertEqual('tools/venv-hpp/venv' in files, with_tool)
        self.assertFalse({name.split('/')[0] for name in files} & {'bin', 'lib', 'debug'}, files)
        if with_tool:
            self.assertIn('/tools/venv-hpp/venv\n', (prefix / 'share/pkgconfig/venv.pc').read_text())
        self.build_consumer('-DCMAKE_PREFIX_PATH=%s' % prefix)
        self.assertEqual((self.build / 'venv_program').exists(), not with_tool)
        shutil.rmtree(self.build)

    def test_the_port_with_stand_ins(self):
        script = self.write('stand-ins.cmake', STAND_INS)
        for features in ('core', 'core;tool'):
            with self.subTest(features=features):
                shutil.rmtree(self.tmp / 'work', ignore_errors=True)
                prefix = self.tmp / features.replace(';', ' ')
                self.succeed('cmake', '-DPORT=venv-hpp', '-DFEATURES=' + features, '-DWORK=%s' % (self.tmp / 'work'),
                             '-DCURRENT_PACKAGES_DIR=%s' % prefix, '-DPORTFILE=%s' % (self.port / 'portfile.cmake'),
                             '-P', script)
                self.check_what_is_there(prefix, 'tool' in features)

    def test_the_port_by_vcpkg_s_own_scripts(self):
        """Only where they are: no registry has them."""
        vcpkg = os.environ['VCPKG_ROOT']
        installed = self.tmp / 'installed' / 'x64-linux' / 'share'
        for name in ('vcpkg-cmake', 'vcpkg-cmake-config'):
            shutil.copytree(os.path.join(vcpkg, 'ports', name), installed / name)
        given = {'CMD': 'BUILD', 'PORT': 'venv-hpp', 'VERSION': VERSION, 'CURRENT_PORT_DIR': self.port,
                 'TARGET_TRIPLET': 'x64-linux', 'TARGET_TRIPLET_FILE': vcpkg + '/triplets/x64-linux.cmake',
                 '_HOST_TRIPLET': 'x64-linux', 'VCPKG_ROOT_DIR': vcpkg, 'BUILDTREES_DIR': self.tmp / 'trees',
                 'PACKAGES_DIR': self.tmp / 'packages', '_VCPKG_INSTALLED_DIR': self.tmp / 'installed',
                 'DOWNLOADS': self.tmp / 'downloads', 'ALL_FEATURES': 'core;tool', 'VCPKG_BASE_VERSION': '2026-01-01',
                 'VCPKG_CONCURRENCY': 1, 'NINJA': need_command('ninja'), 'PKGCONFIG': need_command('pkg-config'),
                 'PATCHELF': '/bin/true',
                 'VCPKG_PORT_CONFIGS': ';'.join(map(str, installed.glob('*/vcpkg-port-config.cmake')))}
        for features in ('core', 'core;tool'):
            with self.subTest(features=features):
                self.succeed('cmake', *('-D%s=%s' % pair for pair in {**given, 'FEATURES': features}.items()), '-P',
                             vcpkg + '/scripts/ports.cmake')
                self.check_what_is_there(self.tmp / 'packages' / 'venv-hpp_x64-linux', 'tool' in features)

    if 'VCPKG_ROOT' not in os.environ:
        del test_the_port_by_vcpkg_s_own_scripts
