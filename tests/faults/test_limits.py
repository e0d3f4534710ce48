"""Sizes, names and bases that are odd."""

import os
import shutil

from machine import PROGRAM, need, need_command, need_root
from support import (Case, facts, newest, prefix_of_links, python_with_ensurepip_alone)


class ACall(Case):
    def test_that_a_signal_interrupts_is_made_again(self):
        # As file systems of a network or of a program do. The first of each are the loader's own.
        need_command('strace')
        self.make(newest(), '--without-pip')
        for call in ('openat', 'newfstatat', 'fchmod', 'lchown', 'fsync', 'syncfs', 'access', 'write'):
            with self.subTest(call=call):
                result = self.execute(
                    'strace', '-qq', '-o', '/dev/null', '-e', 'trace=' + call, '-e',
                    'inject=%s:error=EINTR:when=%s' % (call, '12+2' if call in self.of_loader else '1+2'),
                    PROGRAM, '--python', newest().path, '--without-pip', '--durable', '--prompt', call,
                    self.env_dir)
                self.assertEqual((result.code, result.err), (0, ''))
                self.works(pip=False)
                self.assertIn("prompt = '%s'" % call, (self.env_dir / 'pyvenv.cfg').read_text())

    of_loader = ('openat', 'newfstatat', 'access')


class AnInterpreter(Case):
    def test_of_more_than_64_mib_is_copied(self):
        copy = prefix_of_links(self.tmp / 'base', newest())
        for size in (65 << 20, 200 << 20):
            with self.subTest(size=size):
                os.truncate(copy, size)  # what follows the program is nobody's business
                self.make(copy, '--copies', '--without-pip', self.tmp / str(size))
                self.assertEqual((self.tmp / str(size) / 'bin' / copy.name).stat().st_size, size)
                self.works(self.tmp / str(size), pip=False)

    def test_of_a_long_name_is_linked_and_copied(self):
        copy = prefix_of_links(self.tmp / 'base', newest())
        for length in (245, 255):
            name = copy.with_name('python' + 'x' * (length - 6))
            os.link(copy, name)
            for options in ((), ('--copies',)):
                with self.subTest(length=length, options=options):
                    env_dir = self.tmp / ('env%d%s' % (length, options))
                    self.make(name, '--without-pip', *options, env_dir)
                    self.works(env_dir, pip=False)
                    # And again, where they are replaced.
                    self.make(name, '--without-pip', *options, env_dir)
                    self.works(env_dir, pip=False)

    def talkative(self, text):
        python = self.tmp / 'python'
        python.write_text('#!/bin/sh\n' + text)
        python.chmod(0o755)
        return python

    def fails_in_little_memory(self, python, *arguments, **options):
        code = ('import resource, subprocess, sys\n'
                'done = subprocess.run(sys.argv[1:], stderr=subprocess.PIPE)\n'
                'sys.stderr.buffer.write(done.stderr[-5000:])\n'  # the child's own words come first
                'print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, len(done.stderr))\n'
                'sys.exit(done.returncode)\n')
        result = self.execute('/usr/bin/python3', '-c', code, PROGRAM, '--python', python, *arguments,
                              self.env_dir, timeout=120, **options)
        memory, said = map(int, result.out.split())
        self.assertNotEqual(result.code, 0)
        self.assertIn('Error: ', result.err)
        self.assertNotIn('bad_alloc', result.err)
        self.assertLess(memory, 150 << 10)  # KiB
        return said

    def test_that_prints_without_end(self):
        for text in ('exec yes\n', 'exec yes >&2\n', 'exec cat /dev/zero\n',
                     'while :; do echo "Python 3.12.1"; done\n'):
            with self.subTest(text=text):
                said = self.fails_in_little_memory(self.talkative(text), '--without-pip')
                self.assertLess(said, 10000)
                self.assertFalse(self.env_dir.exists())

    def test_whose_ensurepip_prints_hundreds_of_megabytes(self):
        python = python_with_ensurepip_alone(
            self.tmp / 'base', newest(),
            'import sys\nfor _ in range(300): sys.stdout.write("x" * (1 << 20))\n'
            'sys.exit("the reason")\n')
        self.tmpfs('/usr/share/python-wheels')
        self.fails_in_little_memory(python)

    def test_whose_answer_is_hostile(self):
        real = self.execute(newest().path, '-c', 'pass')
        self.assertEqual(real.code, 0)
        for answer in ('\\0' * 50, 'ffffffffffffffff\\0' * 30, '-1\\0' * 30, '3\\0' * 30,
                       '99999999999999999999\\0' * 30, '\\377\\376\\0' * 30, '\\n' * 30):
            with self.subTest(answer=answer):
                python = self.talkative("printf '%s'\n" % answer)
                self.fails(self.venv('--python', python, '--without-pip', self.env_dir))
                self.assertFalse(self.env_dir.exists())


class TheLoadersVariables(Case):
    """A remembered answer is none for other variables of the loader."""

    def same_as_cold(self, **changes):
        codes = []
        for options in (('--no-cache',), (), ()):
            result = self.venv('--python', newest().path, '--without-pip', *options, self.env_dir,
                               env=self.environment(**changes))
            codes.append(result.code)
            shutil.rmtree(self.env_dir, ignore_errors=True)
        self.assertEqual(len(set(codes)), 1, '%s: %s' % (changes, codes))

    def setUp(self):
        super().setUp()
        need(list((facts(newest().path)[0] / 'lib').glob('libpython3.*.so.*')),
             'a Python with a shared library')
        self.make(newest(), '--without-pip', self.tmp / 'warm')

    def test_that_lead_to_another_library(self):
        library = next((facts(newest().path)[0] / 'lib').glob('libpython3.*.so.1.0'))
        folder = self.tmp / 'libraries'
        folder.mkdir()
        (folder / library.name).write_bytes(b'no library')
        self.same_as_cold(LD_LIBRARY_PATH=folder)

    def test_that_lead_to_a_library_that_ends_it(self):
        need_command('gcc')
        source = self.tmp / 'end.c'
        source.write_text('#include <stdlib.h>\n#include <unistd.h>\n#include <string.h>\n'
                          'extern char *program_invocation_short_name;\n'
                          '__attribute__((constructor)) static void end(void) {\n'
                          '  if (strncmp(program_invocation_short_name, "python", 6) == 0) _exit(7);\n}\n')
        library = self.tmp / 'end.so'
        self.assertEqual(self.execute('gcc', '-D_GNU_SOURCE', '-shared', '-fPIC', source, '-o', library).code, 0)
        # The loader splits LD_PRELOAD at spaces.
        self.mount('/mnt', '-t', 'tmpfs', 'none')
        shutil.copy(library, '/mnt/end.so')
        self.same_as_cold(LD_PRELOAD='/mnt/end.so')

    def test_that_change_nothing(self):
        self.same_as_cold(LD_LIBRARY_PATH='/nonexistent', LD_BIND_NOW='1')


class AsTheFirstProcess(Case):
    """In a container our number is 1 each time: names beside repeat, and one left over stops nothing."""

    def first(self, *arguments):
        need_root()
        need_command('unshare')
        return self.execute('unshare', '--pid', '--fork', '--kill-child', '--mount-proc', PROGRAM,
                            *arguments)

    def test_remembers_beside_what_another_left(self):
        self.make(newest(), self.tmp / 'warm')
        names = sorted(os.listdir(self.cache))
        self.assertTrue(names)
        for name in names:
            (self.cache / name).unlink()
            for mark in ('.venv.hpp-%d-%d', '.venv.hpp-%d-%x'):
                for process in range(1, 4):
                    for number in range(60):
                        (self.cache / (name + mark % (process, number))).write_text('')
        result = self.first('--python', newest().path, self.env_dir)
        self.assertEqual(result.code, 0, str(result))
        self.assertEqual([name for name in names if not (self.cache / name).exists()], [])

    def test_makes_an_environment_beside_what_another_left(self):
        (self.env_dir / 'bin').mkdir(parents=True)
        for name in ('CACHEDIR.TAG', '.gitignore', 'pyvenv.cfg', 'pyvenv.cfg.new', 'bin/activate',
                     'bin/python', 'bin/python3', 'bin/activate.fish', 'bin/Activate.ps1'):
            for process in range(1, 4):
                for number in range(60):
                    (self.env_dir / (name + '.venv.hpp-%d-%d' % (process, number))).write_text('')
        result = self.first('--python', newest().path, '--without-pip', self.env_dir)
        self.assertEqual(result.code, 0, str(result))


class Options(Case):
    def test_an_empty_request_is_an_error(self):
        for options in (('--python', ''), ('--python=',)):
            for env_dir in (self.env_dir, self.tmp / 'other'):
                with self.subTest(options=options):
                    result = self.venv(*options, '--without-pip', env_dir)
                    self.assertIn(result.code, (1, 2), str(result))
                    self.assertIn('--python', result.err)
                    self.assertFalse(env_dir.exists())

    def test_an_empty_variable_is_as_one_that_is_not_set(self):
        result = self.venv('--without-pip', self.env_dir, env=self.environment(VENV_HPP_PYTHON=''))
        self.assertEqual((result.code, result.err), (0, ''), str(result))

    def test_of_quiet_and_verbose_the_last_counts(self):
        for options, speaks in ((('--quiet', '--verbose'), True), (('--verbose', '--quiet'), False)):
            result = self.venv(*options, '--python', newest().path, '--without-pip', self.env_dir)
            self.assertEqual((result.code, bool(result.err)), (0, speaks), str(result))
