"""Every block of code in README.md and docs/ is compiled or run, or says in its first line why not:

    ```sh (not run: it needs a network)

cpp: all of them in one run of the compiler. sh, console: a page's in their order, in one directory, with the
program on PATH and an index of a few wheels; a console shows what is printed, `…` stands for anything. ninja,
make: twice, and the second time there is nothing to do. dockerfile: its RUN lines that call the program, with
another root directory. py: compiled. cmake, meson, ini, starlark: by the tests of these, so that they are on one
page each. text is no code."""

import fnmatch
import os
import pathlib
import re
import shutil
import tempfile

import test_cmake
from machine import PROGRAM, ROOT, need_command
from support import Case, run

PAGES = [ROOT / 'README.md', *sorted((ROOT / 'docs').glob('*.md'))]
ELSEWHERE = {'cmake': 'cmake.md', 'meson': 'meson.md', 'ini': 'meson.md', 'starlark': 'packaging.md'}
MODULE = 'import sys\ndef main():\n    print("NAME VERSION", *sys.argv[1:])\nif __name__ == "__main__":\n    main()\n'


class Block:
    def __init__(self, page, line, info, text):
        self.page, self.line, self.text = page, line, text
        self.language, _, self.reason = info.partition(' ')

    def __str__(self):
        return '%s:%d' % (self.page.name, self.line)


def blocks_of(page):
    """The blocks between fences, and the numbers of lines that are code by being indented."""
    found, indented, block, before = [], [], None, ''
    for number, line in enumerate(page.read_text('utf-8').splitlines(), 1):
        fence = re.match(r' *```(.*)$', line)
        if fence and block is None:
            block = Block(page, number, fence.group(1), '')
        elif fence:
            found.append(block)
            block = None
        elif block is not None:
            block.text += line + '\n'
        elif line.startswith('    ') and not before.strip() and not line.lstrip().startswith('|'):
            indented.append(number)
        before = line
    assert block is None, '%s: a fence isn\'t closed' % page
    return found, indented


BLOCKS = [block for page in PAGES for block in blocks_of(page)[0]]


def chosen(*languages):
    return [block for block in BLOCKS if block.language in languages and not block.reason]


class Docs(Case):
    def setUp(self):
        super().setUp()
        # What is shown has no quotes that only a space needs.
        self.tmp = pathlib.Path(tempfile.mkdtemp(prefix='venv-docs-'))
        self.addCleanup(shutil.rmtree, self.tmp, ignore_errors=True)
        for name, version in (('requests', '2.31'), ('requests', '2.32'), ('rich', '13.9'), ('pytest', '8.3')):
            test_cmake.make_wheel(self.tmp / 'wheels', version, name=name, tool=name, text=MODULE.replace('NAME', name))
        for version in ('3.0', '4.0'):
            test_cmake.make_wheel(self.tmp / 'wheels', version, text=MODULE.replace('NAME', 'cog'))
        (self.tmp / 'bin').mkdir()
        os.symlink(PROGRAM, self.tmp / 'bin' / 'venv')
        os.symlink(test_cmake.python(), self.tmp / 'bin' / 'python3')
        self.env = {'PATH': '%s:/usr/local/bin:/usr/bin:/bin' % (self.tmp / 'bin'), 'HOME': str(self.tmp / 'home'),
                    'LANG': 'C.UTF-8', 'XDG_CACHE_HOME': test_cmake.shared_cache(), 'PIP_NO_INDEX': '1',
                    'PIP_FIND_LINKS': (self.tmp / 'wheels').as_uri(), 'PIP_DISABLE_PIP_VERSION_CHECK': '1'}

    def page_directory(self, name):
        """What the pages speak of as there."""
        folder = self.tmp / name
        folder.mkdir()
        (folder / 'requirements.txt').write_text('requests>=2\n')
        (folder / 'table.hpp.in').write_text('')
        (folder / 'main.py').write_text('import requests\nprint("it works")\n')
        shutil.copytree(self.tmp / 'wheels', folder / 'wheels')
        return folder

    def shell(self, text, folder):
        script = self.write('script', text)
        return run('sh', '-eu', script, cwd=folder, env=self.env, timeout=300)

    def test_each_block_is_known(self):
        known = {'cpp', 'sh', 'console', 'ninja', 'make', 'dockerfile', 'py', 'text', *ELSEWHERE}
        self.assertGreater(len(BLOCKS), 40)
        for block in BLOCKS:
            with self.subTest(block=str(block)):
                self.assertIn(block.language, known)
                if block.reason:
                    self.assertRegex(block.reason, r'^\(not run: .{5,}\)$')
                self.assertIn(block.page.name, ELSEWHERE.get(block.language, block.page.name))
        for page in PAGES:
            self.assertEqual(blocks_of(page)[1], [], page.name + ': code that is indented is in no language')

    def test_cpp(self):
        blocks, includes, text = chosen('cpp'), {'#include "venv.hpp"'}, ''
        self.assertGreater(len(blocks), 8)
        for number, block in enumerate(blocks):
            code = re.sub(r'(?m)^#include .*', lambda found: includes.add(found.group()) or '', block.text)
            text += 'namespace block_%d {\n#line %d "%s"\n%s}\n' % (number, block.line + 1, block.page.name, code)
        self.succeed(need_command('g++'), '-std=c++17', '-fsyntax-only', '-Wall', '-Wextra', '-Werror',
                     '-Wno-return-type', '-Wno-unused', '-DVENV_HEADER_ONLY=0', '-I', ROOT,
                     self.write('docs.cpp', '\n'.join(sorted(includes)) + '\n' + text))

    def test_sh_and_console(self):
        for page in PAGES:
            blocks = [block for block in chosen('sh', 'console') if block.page == page]
            folder = self.page_directory(page.stem) if blocks else None
            for block in blocks:
                with self.subTest(block=str(block)):
                    if block.language == 'sh':
                        done = self.shell(block.text, folder)
                        self.assertEqual(done.returncode, 0, '%s\n%s' % (block.text, done.text))
                    else:
                        self.check_console(block, folder)

    def check_console(self, block, folder):
        self.assertTrue(block.text.startswith('$ '), block)
        script, expected = 'mark() { code=$?; echo "\036$code"; return $code; }\n', []
        for line in block.text.splitlines():
            if line.startswith('$ '):
                script += line[2:] + '\nmark\n'
                expected.append('')
            else:
                expected[-1] += line + '\n'
        done = run('sh', '-u', self.write('script', script), cwd=folder, env=self.env, timeout=300)
        *printed, end = re.split('\036\\d+\n', done.stdout)
        self.assertEqual((len(printed), end), (len(expected), ''), done.text)
        for said, pattern in zip(printed, expected):
            pattern = pattern.replace('[', '[[]').replace('…', '*')
            self.assertTrue(fnmatch.fnmatchcase(said, pattern), 'printed:\n%s\nin the docs:\n%s' % (said, pattern))

    def test_ninja_and_make(self):
        for block in chosen('ninja', 'make'):
            with self.subTest(block=str(block)):
                folder = self.page_directory(block.language + str(block.line))
                (folder / {'ninja': 'build.ninja', 'make': 'Makefile'}[block.language]).write_text(block.text)
                (folder / 'requirements.txt').write_text('cogapp<4\n')
                program = need_command(block.language)
                first, second = (self.succeed(program, cwd=folder, env=self.env) for _ in range(2))
                self.assertIn('--ensure', first)
                self.assertRegex(second, 'no work to do|Nothing to be done|is up to date')
                self.assertEqual((folder / 'table.hpp').read_text(), 'cog 3.0 -d -o table.hpp table.hpp.in\n')
                (folder / 'requirements.txt').write_text('cogapp>=4\n')
                self.succeed(program, cwd=folder, env=self.env)
                self.assertIn('cog 4.0', (folder / 'table.hpp').read_text())

    def test_dockerfiles(self):
        for block in chosen('dockerfile'):
            with self.subTest(block=str(block)):
                folder = self.page_directory('docker%d' % block.line)
                lines = re.findall(r'(?m)^RUN ((?:.*\\\n)*.*)', block.text)
                lines = [line for line in lines if re.search(r'\bvenv\b', re.sub('--mount=\\S+', '', line))]
                self.assertTrue(lines, block)
                for line in lines:
                    line = re.sub(r'--mount=\S+\s+', '', line).replace('/opt/app', str(folder))
                    done = self.shell(line, folder)
                    self.assertEqual(done.returncode, 0, done.text)

    def test_py(self):
        for block in chosen('py'):
            with self.subTest(block=str(block)):
                compile(block.text, str(block), 'exec')
