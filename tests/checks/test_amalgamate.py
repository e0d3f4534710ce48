"""tools/amalgamate.py: what it makes, and each of the mistakes that it refuses."""

import os
import re
import shutil
import sys

from machine import ROOT
from support import MODES, Case, compilers, run


class Amalgamate(Case):
    """Each test works on a copy of the sources."""

    def setUp(self):
        super().setUp()
        self.copy_to(self.tmp / 'one')

    def copy_to(self, folder):
        self.root = folder
        for name in ('src', 'tools'):
            shutil.copytree(ROOT / name, folder / name,
                            ignore=shutil.ignore_patterns('__pycache__'))
        for name in ('LICENSE', 'venv.hpp'):
            shutil.copy(ROOT / name, folder / name)

    def amalgamate(self, *arguments):
        return [sys.executable, self.root / 'tools' / 'amalgamate.py', *arguments]

    def edit(self, name, old, new):
        path = self.root / 'src' / name
        text = path.read_text('utf-8')
        self.assertIn(old, text)
        path.write_text(text.replace(old, new, 1), 'utf-8')

    def append(self, name, text):
        with open(self.root / 'src' / name, 'a', encoding='utf-8') as file:
            file.write(text)

    def refused(self, *messages):
        """It says so in one line, and leaves venv.hpp alone."""
        before = (self.root / 'venv.hpp').read_bytes()
        done = run(*self.amalgamate())
        self.assertEqual(done.returncode, 1, done.text)
        self.assertTrue(done.stdout.startswith('Error: '), done.text)
        self.assertEqual(done.stdout.count('\n'), 1, done.text)
        for message in messages:
            self.assertIn(message, done.stdout)
        self.assertEqual((self.root / 'venv.hpp').read_bytes(), before)

    def test_the_committed_header_is_current(self):
        self.succeed(*self.amalgamate('--check'))

    def test_a_stale_header_is_told_with_the_difference_and_the_way_out(self):
        self.edit('config.hpp', '/// The version of this header', '/// The version that this is')
        done = run(*self.amalgamate('--check'))
        self.assertEqual(done.returncode, 1, done.text)
        self.assertIn('+/// The version that this is', done.stdout)
        self.assertIn('-/// The version of this header', done.stdout)
        self.assertIn('python3 tools/amalgamate.py', done.stdout)
        self.succeed(*self.amalgamate())
        self.succeed(*self.amalgamate('--check'))

    def test_a_missing_header_is_stale(self):
        (self.root / 'venv.hpp').unlink()
        self.assertEqual(run(*self.amalgamate('--check')).returncode, 1)

    def test_the_result_is_the_same_everywhere(self):
        results = set()
        for folder, environment in (('one', {'LC_ALL': 'C', 'PYTHONHASHSEED': '1', 'TZ': 'UTC'}),
                                    ('an other place', {'LC_ALL': 'C.UTF-8', 'TZ': 'Asia/Tokyo',
                                                        'PYTHONHASHSEED': '2', 'PYTHONUTF8': '0'})):
            if folder != 'one':
                self.copy_to(self.tmp / folder)
            self.succeed(*self.amalgamate(), cwd='/', env=dict(os.environ, **environment))
            results.add((self.root / 'venv.hpp').read_bytes())
        self.assertEqual(len(results), 1)
        self.assertNotIn(b'\r', results.pop())

    def test_the_contents_name_the_lines_where_parts_begin(self):
        lines = (self.root / 'venv.hpp').read_text('utf-8').splitlines()
        rows = [line.split() for line in lines[:lines.index('')]
                if line.startswith('//  ') and line.endswith('.hpp')]
        self.assertGreater(len(rows), 20)
        for _, number, name in rows:
            near = [line for line in lines[int(number) - 4:int(number)] if '---- src/' in line]
            self.assertEqual([line.split()[2] for line in near], ['src/' + name])

    def test_a_macro_that_leaks_is_refused(self):
        self.append('text/utf8.hpp', '#define VENV_LEFT_BEHIND 1\n')
        self.refused('src/text/utf8.hpp', 'VENV_LEFT_BEHIND', 'leaks')

    def test_a_macro_without_the_prefix_is_refused(self):
        self.append('text/utf8.hpp', '#define HELPER 1\n#undef HELPER\n')
        self.refused('src/text/utf8.hpp', 'HELPER', 'VENV_')

    def test_a_macro_that_only_looks_public_is_refused(self):
        self.append('text/utf8.hpp', '#define VENV_VERSION_NAME "x"\n')
        self.refused('VENV_VERSION_NAME')

    def test_an_inline_namespace_without_the_version_or_the_mode_is_refused(self):
        text = (self.root / 'src' / 'config.hpp').read_text('utf-8')
        patch = int(re.search(r'#define VENV_VERSION_PATCH (\d+)', text).group(1))
        namespace = re.search(r'#define VENV_ABI (v\w+_compiled)', text).group(1)
        for old, new, message in (
                ('VENV_VERSION_PATCH %d' % patch, 'VENV_VERSION_PATCH %d' % (patch + 1), '_%d_compiled' % (patch + 1)),
                (namespace, namespace.replace('_compiled', ''), namespace),
                ('#define VENV_ABI', '#define VENV_ABI_OF_OLD', 'VENV_ABI_OF_OLD')):
            with self.subTest(new=new):
                self.edit('config.hpp', old, new)
                self.refused('src/config.hpp', message)
                (self.root / 'src' / 'config.hpp').write_text(text, 'utf-8')

    def test_an_include_cycle_is_refused(self):
        self.edit('api/context.hpp', '#pragma once', '#pragma once\n#include "env_builder.hpp"')
        self.refused('include cycle: ', 'api/context.hpp -> api/env_builder.hpp -> api/context.hpp')

    def test_a_part_left_out_is_refused(self):
        (self.root / 'src' / 'text' / 'forgotten.hpp').write_text('#pragma once\n')
        self.refused('src/text/forgotten.hpp', 'left out')

    def test_a_platform_file_that_nothing_chooses_is_refused(self):
        (self.root / 'src' / 'system' / 'forgotten.posix.hpp').write_text('#pragma once\n')
        self.refused('src/system/forgotten.posix.hpp')

    def test_a_part_that_is_not_there_is_refused(self):
        (self.root / 'src' / 'text' / 'utf8.hpp').unlink()
        self.refused('src/text/utf8.hpp', 'not there')

    def test_a_part_before_what_it_includes_is_refused(self):
        self.edit('venv.hpp', '#include "text/utf8.hpp"\n', '')
        self.edit('venv.hpp', '#include "undef.hpp"', '#include "text/utf8.hpp"\n#include "undef.hpp"')
        self.refused('text/utf8.hpp', 'must come before')

    def test_a_standard_header_without_a_reason_is_refused(self):
        self.edit('venv.hpp', '// std::move', '//')
        self.refused('<utility>', 'reason')

    def test_a_standard_header_that_is_not_listed_is_refused(self):
        self.edit('text/utf8.hpp', '#pragma once', '#pragma once\n#include <valarray>')
        self.refused('<valarray>', 'not listed')

    def test_a_standard_header_that_nothing_uses_is_refused(self):
        self.edit('venv.hpp', '#include <algorithm>', '#include <valarray> // nothing\n#include <algorithm>')
        self.refused('<valarray>', 'not used')

    def test_a_script_with_the_raw_string_delimiter_is_refused(self):
        self.append('scripts/common/activate', '# )venv"\n')
        self.refused('src/scripts/common/activate', 'delimiter')

    def test_a_script_over_the_limit_of_a_literal_is_refused(self):
        self.append('scripts/common/activate', '#' * 16000)
        self.refused('src/scripts/common/activate', '16000')

    def test_a_script_of_exactly_the_limit_is_taken(self):
        script = self.root / 'src' / 'scripts' / 'common' / 'activate'
        script.write_text('#' * 16000)
        self.succeed(*self.amalgamate())

    def test_with_a_line_map_diagnostics_name_the_parts(self):
        self.succeed(*self.amalgamate('--line-map', '--output', self.tmp / 'mapped' / 'venv.hpp'))
        source = self.write('use.cpp', '#include "venv.hpp"\n')
        compile_it = lambda cxx, *options: run(cxx, '-std=c++17', '-fsyntax-only', '-I', self.tmp / 'mapped',
                                               *options, source)
        for cxx in compilers():
            for mode in ('declarations', 'implementation'):
                with self.subTest(cxx=cxx, mode=mode):
                    done = compile_it(cxx, *MODES[mode])
                    self.assertEqual(done.returncode, 0, done.text)
        # A mistake in a part, one in a platform file.
        numbers = {'text/version.hpp': 0, 'system/file.posix.hpp': 0}
        for name in numbers:
            self.edit(name, '_END', '_END\nstatic_assert(false, "seen");')
            lines = (self.root / 'src' / name).read_text('utf-8').splitlines()
            numbers[name] = 1 + lines.index('static_assert(false, "seen");')
        self.succeed(*self.amalgamate('--line-map', '--output', self.tmp / 'mapped' / 'venv.hpp'))
        for cxx in compilers():
            done = compile_it(cxx)
            for name, number in numbers.items():
                with self.subTest(cxx=cxx, name=name):
                    self.assertIn('src/%s:%d:' % (name, number), done.stdout)

    def test_standard_output(self):
        self.assertEqual(self.succeed(*self.amalgamate('--output', '-')),
                         (self.root / 'venv.hpp').read_text('utf-8'))
