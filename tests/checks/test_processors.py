"""Other processors: the program is built for each, without a warning, and makes the same environments
there, byte by byte; parts that read and write numbers pass their tests there. What is not run by this
machine itself is run by qemu-user, whose children are this machine's own programs.

VENV_PROCESSORS_WHOLE=1: on all that there are, environments and parts, which takes minutes. Else environments on
those that differ most in their numbers, and parts where the most significant byte comes first."""

import concurrent.futures
import os
import pathlib
import shutil

from machine import BUILD, PATH, PROGRAM, ROOT, everything, need, need_command, wipe
from machine import run as run_program
from support import PROCESSORS, Case, flags, run

# What each is there for. On 32-bit Arm, readdir fails in qemu when offsets of files have 32 bits.
LARGE_FILES = ('-D_FILE_OFFSET_BITS=64', '-D_TIME_BITS=64')
KINDS = {  # name: (compiler, how it is run, what it is compiled with)
    'i686': ('i686-linux-gnu-g++', (), ()),  # 32 bits, and offsets of files too
    'aarch64': ('aarch64-linux-gnu-g++', ('qemu-aarch64',), ()),  # char has no sign
    'armhf': ('arm-linux-gnueabihf-g++', ('qemu-arm',), (*LARGE_FILES, '-Wno-psabi')),  # both
    'riscv64': ('riscv64-linux-gnu-g++', ('qemu-riscv64',), ()),
    's390x': ('s390x-linux-gnu-g++', ('qemu-s390x',), ()),  # the most significant byte comes first
}
WHOLE = os.environ.get('VENV_PROCESSORS_WHOLE') == '1'
# On armhf and s390x char has no sign either, and numbers of 64 bits are as long on s390x.
DIFFERENT = tuple(KINDS) if WHOLE else ('i686', 'armhf', 's390x')
# Tests that start no program. Each is compiled with the parts that it includes and no others.
PARTS = ('answer', 'crc32', 'inflate', 'layout', 'pack', 'repr', 'script_program', 'sha256', 'specifier', 'tags',
         'utf8', 'version', 'wheel', 'zip')
# Starts a program that it has open for writing, for a moment yet.
BUSY = '''#include "system/process.hpp"
#include <fcntl.h>
#include <thread>
#include <unistd.h>
int main(int, char** words) {
  const int file = ::open(words[1], O_WRONLY | O_CLOEXEC);
  std::thread writer([file] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    ::close(file);
  });
  venv::detail::Command command;
  command.program = words[1];
  command.patience = std::chrono::seconds(10);
  const auto status = venv::detail::run_command(command, [](venv::Stream, std::string_view) {});
  writer.join();
  return status.code;
}
'''
PYTHON = '/usr/bin/python3'
BYTECODE_TIME = slice(8, 12)


def build_program(kind, folder):
    """The program; the compiler's words where there is none."""
    cxx, _, options = KINDS[kind]
    program = folder / kind
    done = run(cxx, '-std=c++17', '-O0', *flags(cxx), *options, '-static', '-I', ROOT,
               ROOT / 'examples' / 'venv.cpp', '-o', program)
    return program if done.returncode == 0 else done.text


class Processors(Case):
    def setUp(self):
        super().setUp()
        for cxx, emulator, _ in KINDS.values():
            need_command(cxx)
            if emulator:
                need_command(*emulator)

    def test_environments_are_the_same(self):
        own = need(os.path.exists(PROGRAM) and PROGRAM, 'the program')
        with concurrent.futures.ThreadPoolExecutor(PROCESSORS) as pool:
            built = {kind: pool.submit(build_program, kind, self.tmp) for kind in DIFFERENT}
        expected = self.environments((own,), self.tmp / 'cache of native')
        self.assertGreater(len(expected['made']), 300)
        for kind, program in built.items():
            with self.subTest(kind=kind):
                program = program.result()
                self.assertIsInstance(program, pathlib.Path, program)
                command = (*KINDS[kind][1], program)
                cache = self.tmp / ('cache of ' + kind)
                got = self.environments(command, cache)
                for which, entries in expected.items():
                    self.assertEqual(got[which], entries, which)
                self.each_takes_what_the_other_remembers(command, cache, own)

    def test_cmake_has_large_files_where_that_is_a_choice(self):
        for kind, expected in (('armhf', True), ('riscv64', False)):
            build = self.tmp / kind
            self.succeed(need_command('cmake'), '-S', ROOT, '-B', build, '-G', 'Ninja', '-DVENV_BUILD_TESTS=OFF',
                         '-DCMAKE_SYSTEM_NAME=Linux', '-DCMAKE_CXX_COMPILER=' + KINDS[kind][0])
            rules = (build / 'build.ninja').read_text('utf-8')
            for option in LARGE_FILES:
                self.assertEqual(option in rules, expected, kind)

    def environments(self, command, cache):
        """What lies in an environment that nothing was known for, in one from what is remembered, and in
        one that is the same at any time (SOURCE_DATE_EPOCH)."""
        return {'made': self.environment(command, cache),
                'remembered': self.environment(command, cache),
                'reproducible': self.environment(command, cache, SOURCE_DATE_EPOCH='1600000000')}

    def environment(self, command, cache, **variables):
        place = self.tmp / 'the same place'
        wipe(place)
        done = run_program([*command, '--python', PYTHON, place],
                           env={'PATH': PATH, 'HOME': str(self.tmp), 'XDG_CACHE_HOME': str(cache), **variables})
        self.assertEqual((done.code, done.out, done.err), (0, '', ''), command)
        found = everything(place)
        for name in found:
            if name.endswith('.pyc') and not variables:
                found[name] = self.bytecode(place / name)
        return found

    def bytecode(self, path):
        """Its bytes but for its source's time, which has to be right."""
        data = path.read_bytes()
        source = path.parents[1] / (path.name.split('.')[0] + '.py')
        time = int.from_bytes(data[BYTECODE_TIME], 'little')
        self.assertEqual(time, int(source.stat().st_mtime), path)
        return data[:BYTECODE_TIME.start] + data[BYTECODE_TIME.stop:]

    def each_takes_what_the_other_remembers(self, command, cache, own):
        """Numbers in the cache have one byte order and one size: nothing is written anew, nor misread."""
        def state():
            return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in cache.rglob('*') if path.is_file()}

        before = state()
        self.assertTrue(before)
        made = self.environment((own,), cache)
        self.assertEqual(state(), before)
        self.assertEqual(self.environment(command, self.tmp / 'cache of native'), made)


class Parts(Case):
    def test_a_program_that_cannot_start_is_known_at_once(self):
        """qemu's vfork is a fork: it returns before the child is its program, or can't be."""
        cxx, emulator, options = KINDS['aarch64']
        program = self.tmp / 'busy'
        self.succeed(need_command(cxx), '-std=c++17', '-O0', *options, '-static', '-I', ROOT / 'src',
                     self.write('busy.cpp', BUSY), '-o', program)
        shutil.copy('/bin/true', self.tmp)
        self.succeed(need_command(*emulator), program, self.tmp / 'true')

    def test_of_bytes_and_numbers(self):
        kinds = tuple(KINDS) if WHOLE else ('s390x',)
        zlib = need(next(iter(BUILD.glob('tools/zlib-source')), None), 'the source of zlib (tools/install)')
        self.succeed('/usr/bin/python3', ROOT / 'tools' / 'amalgamate.py', '--embed',
                     self.tmp / 'parts' / 'scripts' / 'embedded.hpp')
        include = self.tmp / 'include'  # and nothing else of this machine's
        include.mkdir()
        (include / 'doctest').symlink_to('/usr/include/doctest')
        options = ('-O1', '-isystem', include, '-isystem', zlib)
        ours = (*options, '-std=c++17', '-Wall', '-Wextra', '-Wtype-limits', '-Werror', '-I', ROOT / 'src',
                '-I', self.tmp / 'parts')
        jobs = [(ROOT / 'tests' / name, ours) for name in ('main.cpp', *('test_%s.cpp' % part for part in PARTS))]
        jobs += [(path, (*options, '-x', 'c')) for path in zlib.glob('*.c') if not path.name.startswith('gz')]

        def compile_for(kind, source, how):
            made = self.tmp / ('%s %s.o' % (kind, source.stem))
            self.succeed(KINDS[kind][0], *how, *KINDS[kind][2], '-c', source, '-o', made)
            return made

        with concurrent.futures.ThreadPoolExecutor(PROCESSORS) as pool:
            made = {kind: [pool.submit(compile_for, kind, *job) for job in jobs] for kind in kinds}
        for kind in kinds:
            with self.subTest(kind=kind):
                cxx, emulator, _ = KINDS[kind]
                program = self.tmp / kind
                self.succeed(cxx, '-static', *(each.result() for each in made[kind]), '-o', program)
                said = self.succeed(*emulator, program, '--test-suite-exclude=long')
                self.assertRegex(said, r'\| +0 failed \|')
