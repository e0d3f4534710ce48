"""The header among other people's code: their macros, their flags, their classes, a unity build; and
one plain sentence where it can't be used."""

import re

from machine import ROOT, need, need_command
from support import MODES, Case, compilers, flags, run

HEADER = (ROOT / 'venv.hpp').read_text('utf-8')


class Vendoring(Case):
    def compile(self, cxx, text, *arguments):
        source = self.write('use.cpp', text)
        return run(cxx, '-std=c++17', '-I', ROOT, *arguments, '-fsyntax-only', source)

    def clean(self, text, *arguments):
        for cxx in compilers():
            with self.subTest(cxx=cxx, arguments=arguments):
                done = self.compile(cxx, text, *flags(cxx), *arguments)
                self.assertEqual(done.returncode, 0, done.text)

    def refused(self, sentence, text, *arguments, more=''):
        """By both compilers, and the sentence is the first thing that they say; with nothing after
        it but what `more` matches."""
        for cxx in compilers():
            with self.subTest(cxx=cxx, arguments=arguments):
                done = self.compile(cxx, text, *arguments)
                self.assertNotEqual(done.returncode, 0)
                errors = re.findall(r'error: .*', done.stdout)
                self.assertIn(sentence, errors[0], done.text)
                self.assertEqual([it for it in errors[1:] if not (more and re.search(more, it))], [], done.text)

    def test_the_macros_of_x11(self):
        headers = ('X11/Xlib.h', 'X11/Xutil.h', 'X11/Xatom.h', 'X11/keysym.h')
        need(run(need_command('g++'), '-E', '-include', headers[0], '-x', 'c++', '/dev/null').returncode == 0,
             'libx11-dev')
        text = ''.join('#include <%s>\n' % name for name in headers) + '#include "venv.hpp"\n'
        self.clean('#include <vector>\n' + text, *MODES['declarations'])
        # Those that windows.h has too; all functions once, as whatever disturbs is seen.
        self.clean('#include <vector>\n' + self.standard() + self.MIN_AND_MAX + text)

    MIN_AND_MAX = ''.join('#define %s(a, b) windows_has_a_macro_here\n' % name for name in ('min', 'max'))

    def standard(self):
        names = re.findall(r'^#include <(\w+)>', HEADER, re.M)
        self.assertGreater(len(names), 20)
        return ''.join('#include <%s>\n' % name for name in names)

    def test_macros_named_min_and_max(self):
        # The standard library takes these back; so its headers come first.
        self.clean(self.standard() + self.MIN_AND_MAX + '#include "venv.hpp"\n', *MODES['declarations'])

    def test_a_unity_build(self):
        linking = ROOT / 'tests' / 'linking'
        text = ''.join('#include "%s"\n' % (linking / name) for name in ('two.cpp', 'one.cpp'))
        self.clean('#include <string>\nusing namespace std;\n' + text)
        self.clean('#include <string>\nusing namespace std;\n' + text + '#include "%s"\n' % (linking / 'implementation.cpp'),
                   '-DVENV_HEADER_ONLY=0')

    USE = '''#include "venv.hpp"
    struct Holder { venv::Options options; venv::Context context; std::vector<venv::Error> errors; };
    struct Builder : venv::EnvBuilder { using EnvBuilder::EnvBuilder;
      void post_setup(venv::Context&) override; };
    void Builder::post_setup(venv::Context&) {}
    std::string use() { venv::RunOptions run; return run.cwd.string(); }
    '''

    def test_classes_that_hold_and_extend_ours(self):
        """Though ours are hidden in a shared library, where g++ says so of classes that are not."""
        for arguments in ((), ('-fPIE',), ('-fPIC', '-fvisibility=hidden'),
                          ('-fPIC', '-DVENV_API=__attribute__((visibility("default")))')):
            self.clean(self.USE, '-DVENV_HEADER_ONLY=0', *arguments)

    def test_a_result_that_is_the_point(self):
        uses = ('error.code()', 'error.step()', 'error.path()', 'error.hint()', 'error.output()',
                'error.system_error()', 'error.exit_code()', 'venv::find_interpreter()',
                'venv::create("a", {}, out)')
        text = '#include "venv.hpp"\nvoid use(const venv::Error& error, std::optional<venv::Error>& out) {\n%s;\n}\n'
        for cxx in compilers():
            done = self.compile(cxx, text % ';\n'.join(uses), '-DVENV_HEADER_ONLY=0')
            for line, use in enumerate(uses, 3):
                with self.subTest(use=use, cxx=cxx):
                    self.assertRegex(done.stdout, r'use\.cpp:%d:\d+: warning: .*(nodiscard|unused-result)' % line)
        self.clean(text % 'venv::create("a"); (void)error; (void)out', '-DVENV_HEADER_ONLY=0')

    def test_inside_a_namespace_it_is_refused(self):
        sentence = 'venv.hpp is included inside a namespace: include it before the namespace begins'
        standard = ''.join('#if __has_include(<%s>)\n#include <%s>\n#endif\n' % (name, name) # another system's
                           for name in re.findall(r'^#include <([\w/.]+)>', HEADER, re.M))
        for namespace in ('host', 'a::venv', 'venv', ''):
            # What else compilers say then is about code that can't work there.
            self.refused(sentence, standard + 'namespace %s {\n#include "venv.hpp"\n}\n' % namespace,
                         '-DVENV_HEADER_ONLY=0', more='.')

    def test_without_exceptions_it_is_refused(self):
        text = '#include "venv.hpp"\n'
        for mode in ('default', 'implementation'):
            self.refused('venv.hpp needs exceptions', text, '-fno-exceptions', *MODES[mode])
        self.clean(self.USE, '-fno-exceptions', '-DVENV_HEADER_ONLY=0')

    def test_an_older_language_is_refused(self):
        for mode in MODES.values():
            self.refused('venv.hpp needs C++17', '#include "venv.hpp"\n', '-std=c++14', *mode)

    def test_a_platform_that_lacks_something_is_refused(self):
        for macro, sentence in (('__wasm__', 'no process can be started there'), ('__ANDROID__', 'no hard links')):
            for mode in MODES.values():
                self.refused(sentence, '#include "venv.hpp"\n', '-D' + macro, *mode)
