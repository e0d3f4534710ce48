"""What may meet in one process: two versions of the header, its two modes, a library that exports it
and a program that uses that."""

import re

from machine import ROOT, need_command
from support import Case, run

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
    def setUp(self):
        super().setUp()
        self.write('this/venv.hpp', HEADER)
        self.write('next/venv.hpp', next_version())
        self.write('clash/venv.hpp', next_version(keep_namespace=True))

    def build(self, name, folder, *arguments):
        """At -O0, so that no call is inlined away."""
        self.succeed(need_command('g++'), '-std=c++17', '-O0', '-I', self.tmp / folder, *arguments,
                     '-o', self.tmp / name)
        return self.tmp / name

    def plugin(self, name, folder, *arguments):
        return self.build(name, folder, '-fPIC', '-shared', *arguments, LINKING / 'plugin.cpp')

    def host(self):
        return self.build('host', 'this', DEFAULT, LINKING / 'host.cpp', '-ldl')

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
        this = self.plugin('this.so', 'this', DEFAULT)
        other = self.plugin('next.so', 'next', DEFAULT)
        compiled = self.plugin('compiled.so', 'next', DEFAULT, COMPILED, '-DVENV_IMPLEMENTATION')
        clash = self.plugin('clash.so', 'clash', DEFAULT)
        changed = 'step of the next version\n'
        self.assertEqual(self.succeed(host, this, other), 'step\n' + changed)
        self.assertEqual(self.succeed(host, other, this), changed + 'step\n')
        self.assertEqual(self.succeed(host, this, compiled, other), 'step\n' + changed * 2)
        self.assertTrue(set(self.exported(compiled)))
        self.assertFalse(set(self.exported(compiled)) & set(self.exported(other)))
        # Were the names the same, the second would run the code of the first.
        self.assertEqual(self.succeed(host, this, clash), 'step\n' * 2)

    def test_hidden_code_does_not_meet_even_where_the_names_are_the_same(self):
        host = self.host()
        self.assertEqual(self.succeed(host, self.plugin('this.so', 'this'), self.plugin('clash.so', 'clash')),
                         'step\nstep of the next version\n')

    def test_a_library_exports_nothing_unless_it_is_told_to(self):
        whole = LINKING / 'implementation.cpp'
        for name, arguments in (('header-only', ()), ('compiled', (COMPILED, whole))):
            with self.subTest(mode=name):
                library = self.plugin('%s.so' % name, 'this', *arguments)
                self.assertEqual(self.exported(library), [])
        exported = self.exported(self.plugin('exported.so', 'this', DEFAULT, COMPILED, whole))
        for name in ('create', 'run', 'main', 'find_interpreter', 'Error', 'EnvBuilder::create'):
            self.assertTrue([each for each in exported if re.search(r'v[\d_]+compiled::%s\b' % name, each)], name)
        self.assertEqual([each for each in exported if '::detail::' in each.split('(')[0]], [])

    def test_an_error_is_caught_by_another_library_s_user(self):
        library = self.plugin('exported.so', 'this', DEFAULT)
        self.assertEqual(self.succeed(self.host(), 'catch', library), 'caught too many Wait.\n')

    def test_a_subclass_with_rtti_needs_an_implementation_with_it(self):
        arguments = (need_command('g++'), '-std=c++17', '-O0', '-pthread', COMPILED, '-I', self.tmp / 'this')
        whole, subclass = self.tmp / 'whole.o', ROOT / 'examples/extended.cpp'
        self.succeed(*arguments, '-fno-rtti', '-c', LINKING / 'implementation.cpp', '-o', whole)
        self.fail_with('typeinfo for venv::', *arguments, subclass, whole, '-o', self.tmp / 'program')
        self.succeed(*arguments, '-fno-rtti', subclass, whole, '-o', self.tmp / 'program')

    def test_a_program_of_both_modes_does_not_link(self):
        arguments = (need_command('g++'), '-std=c++17', '-O0', '-I', self.tmp / 'this')
        for name, mode in (('one', ()), ('two', (COMPILED,))):
            self.succeed(*arguments, *mode, '-c', LINKING / (name + '.cpp'), '-o', self.tmp / (name + '.o'))
        done = run(*arguments, self.tmp / 'one.o', self.tmp / 'two.o', '-o', self.tmp / 'program')
        self.assertNotEqual(done.returncode, 0)
        self.assertIn('undefined reference', done.stdout)
        self.assertIn('_compiled::EnvBuilder', done.stdout)
