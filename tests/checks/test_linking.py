"""What may meet in one process: two versions of the header, its two modes, a library that exports it
and a program that uses that."""

import pathlib
import re
import tempfile

from machine import ROOT, need_command
from support import Case, functions, run

LINKING = ROOT / 'tests' / 'linking'
HEADER = (ROOT / 'venv.hpp').read_text('utf-8')
DEFAULT = '-DVENV_API=__attribute__((visibility("default")))'
COMPILED = '-DVENV_HEADER_ONLY=0'


def next_version(keep_namespace=False):
    """The header as the next patch release may be: what `step` gives is different there."""
    patch = int(re.search(r'#define VENV_VERSION_PATCH (\d+)', HEADER).group(1))
    text = HEADER.replace('#define VENV_VERSION_PATCH %d' % patch, '#define VENV_VERSION_PATCH %d' % (patch + 1))
    if not keep_namespace:
        text = re.sub(r'(#define VENV_ABI v\d+_\d+_)%d' % patch, r'\g<1>%d' % (patch + 1), text)
    changed = text.replace('return detail_->step;', 'return detail_->step += " of the next version";')
    # Of Error, which is the first: Environment has a detail too.
    changed = changed.replace('std::shared_ptr<const Detail> detail_', 'std::shared_ptr<Detail> detail_', 1)
    errors, rest = changed.split('// ---- src/use/', 1)
    changed = errors.replace('make_shared<const Detail>', 'make_shared<Detail>') + '// ---- src/use/' + rest
    assert changed != text
    return changed


class Linking(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = tempfile.TemporaryDirectory(prefix='venv check ')
        cls.addClassCleanup(folder.cleanup)
        cls.headers, cls.built = pathlib.Path(folder.name), {}
        for name, text in (('this', HEADER), ('next', next_version()), ('clash', next_version(keep_namespace=True))):
            (cls.headers / name).mkdir()
            (cls.headers / name / 'venv.hpp').write_text(text, encoding='utf-8')

    def build(self, folder, *arguments):
        """At -O0, so that no call is inlined away; once for all tests."""
        path = self.built.get((folder, arguments))
        if not path:
            path = self.headers / ('built %d' % len(self.built))
            self.succeed(need_command('g++'), '-std=c++17', '-O0', '-I', self.headers / folder, *arguments, '-o', path)
            self.built[folder, arguments] = path
        return path

    def plugin(self, folder, *arguments):
        return self.build(folder, '-fPIC', '-shared', *arguments, LINKING / 'plugin.cpp')

    def host(self):
        return self.build('this', DEFAULT, LINKING / 'host.cpp', '-ldl')

    def compiled(self):
        """One that exports what is compiled once."""
        return self.plugin('this', DEFAULT, COMPILED, LINKING / 'implementation.cpp')

    def exported(self, library):
        """The names of what is in the header's namespace, but for instances of the standard library's
        templates: what g++ exports of these is the library's business."""
        mangled, plain = (self.succeed(need_command('nm'), '-D', '-p', '--defined-only', *options, library).splitlines()
                          for options in ((), ('-C',)))
        self.assertEqual(len(mangled), len(plain))
        return [name.split(None, 2)[2] for symbol, name in zip(mangled, plain)
                if re.match(r'_Z(T[A-Z]|GV|GR|Z)*N[A-Z]*4venv', symbol.split(None, 2)[2])]

    def test_versions_and_modes_do_not_meet(self):
        host = self.host()
        # Everything is exported, as by a library that has to: nothing but the names keeps it apart.
        this, other, clash = (self.plugin(folder, DEFAULT) for folder in ('this', 'next', 'clash'))
        compiled = self.compiled()
        changed = 'step of the next version\n'
        self.assertEqual(self.succeed(host, this, other), 'step\n' + changed)
        self.assertEqual(self.succeed(host, other, this), changed + 'step\n')
        self.assertEqual(self.succeed(host, other, compiled, this), changed + 'step\n' * 2)
        self.assertTrue(set(self.exported(compiled)))
        for header_only in (this, other):
            self.assertTrue(set(self.exported(header_only)))
            self.assertFalse(set(self.exported(compiled)) & set(self.exported(header_only)))
        # Were the names the same, the second would run the code of the first.
        self.assertEqual(self.succeed(host, this, clash), 'step\n' * 2)

    def test_hidden_code_does_not_meet_even_where_the_names_are_the_same(self):
        host = self.host()
        self.assertEqual(self.succeed(host, self.plugin('this'), self.plugin('clash')),
                         'step\nstep of the next version\n')

    def test_a_library_exports_nothing_unless_it_is_told_to(self):
        for name, arguments in (('header-only', ()), ('compiled', (COMPILED, functions()))):
            with self.subTest(mode=name):
                self.assertEqual(self.exported(self.plugin('this', *arguments)), [])
        exported = self.exported(self.compiled())
        for name in ('create', 'run', 'main', 'find_interpreter', 'Error', 'EnvBuilder::create'):
            self.assertTrue([each for each in exported if re.search(r'v[\d_]+compiled::%s\b' % name, each)], name)
        self.assertEqual([each for each in exported if '::detail::' in each.split('(')[0]], [])

    def test_an_error_is_caught_by_another_library_s_user(self):
        self.assertEqual(self.succeed(self.host(), 'catch', self.plugin('this', DEFAULT)), 'caught too many Wait.\n')

    def test_a_subclass_with_rtti_needs_an_implementation_with_it(self):
        arguments = (need_command('g++'), '-std=c++17', '-O0', '-pthread', COMPILED, '-I', ROOT)
        whole, subclass = self.tmp / 'whole.o', ROOT / 'examples/extended.cpp'
        self.succeed(*arguments, '-fno-rtti', '-c', LINKING / 'implementation.cpp', '-o', whole)
        self.fail_with('typeinfo for venv::', *arguments, subclass, whole, '-o', self.tmp / 'program')
        self.succeed(*arguments, '-fno-rtti', subclass, whole, '-o', self.tmp / 'program')

    def test_a_program_of_both_modes_does_not_link(self):
        arguments = (need_command('g++'), '-std=c++17', '-O0', '-I', ROOT)
        for name, mode in (('one', ()), ('two', (COMPILED,))):
            self.succeed(*arguments, *mode, '-c', LINKING / (name + '.cpp'), '-o', self.tmp / (name + '.o'))
        done = run(*arguments, self.tmp / 'one.o', self.tmp / 'two.o', '-o', self.tmp / 'program')
        self.assertNotEqual(done.returncode, 0)
        self.assertIn('undefined reference', done.stdout)
        self.assertIn('_compiled::EnvBuilder', done.stdout)
