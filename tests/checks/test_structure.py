"""The house keeps its shape: arrows between rooms run one way, functions and parts stay small, and
what belongs into one room is done there alone."""

import re
import unittest

from machine import ROOT
from structure import scan, without_comments

SRC = ROOT / 'src'

# What is still to be mended. Each line goes as soon as its cause is gone, and none is added.
DISK_ABOVE_SYSTEM = set()
TOO_MANY_PARAMETERS = set()

# From below to above: a part includes parts of its own room and of those before it.
ROOMS = ('config', 'api', 'base', 'text', 'archive', 'package', 'scripts', 'system', 'cache', 'python',
         'create', 'use', 'program')
LINES_OF_PART, LINES_OF_FUNCTION, PARAMETERS = 400, 60, 5

# Functions and classes of std::filesystem that ask or change a disk; the rest works on names.
DISK = re.compile(r'\b(?:fs|filesystem)::(absolute|canonical|weakly_canonical|relative|proximate|copy|copy_file|'
                  r'copy_symlink|create_\w+|current_path|equivalent|exists|file_size|hard_link_count|is_\w+|'
                  r'last_write_time|permissions|read_symlink|remove|remove_all|rename|resize_file|space|status|'
                  r'symlink_status|temp_directory_path|(?:recursive_)?directory_(?:iterator|entry))\b')
SYSTEMS = re.compile(r'^\s*#\s*(?:if|ifdef|ifndef|elif).*\b(_WIN32|_WIN64|__APPLE__|__linux__|__unix__|__FreeBSD__|'
                     r'__ANDROID__|__CYGWIN__|__MINGW\w*)\b')
PRINTS = re.compile(r'\b(v?f?printf|f?puts|f?putc|putchar|fwrite|perror|cout|cerr|clog|stdout|stderr)\b')
HANDLES = re.compile(r'\bsigaction\s*\(|(?<!_)\bsignal\s*\((?!.*\bSIG_DFL\b)|\bset_terminate\b|\batexit\b')
SIGNALLED = re.compile(r'\b(?:Interruption|interruption|note_interruption)\b')
VARIABLES = re.compile(r'\b(getenv|secure_getenv|setenv|putenv|unsetenv|environ)\b')
OWN_VARIABLE = re.compile(r'"VENV_(HPP_)?PYTHON\b')


def parts():
    """{path below src/: text}"""
    return {path.relative_to(SRC).as_posix(): path.read_text('utf-8') for path in sorted(SRC.rglob('*.hpp'))}


def room_of(name):
    return name.split('/')[0] if '/' in name else 'config' if name == 'config.hpp' else None


def is_chosen(name):
    return bool(re.search(r'\.(posix|windows|linux|macos)\.hpp$', name))


def includes_of(name, text):
    """The parts that a part includes."""
    for included in re.findall(r'^\s*#\s*include\s+"([^"]+)"', text, re.M):
        if included == 'scripts/embedded.hpp':
            yield included
        else:
            yield (SRC / name).parent.joinpath(included).resolve().relative_to(SRC.resolve()).as_posix()


def matches(pattern, rooms):
    """{(part, what was found)} in the rooms' code."""
    return {(name, found.group(1) if pattern.groups else found.group().strip())
            for name, text in parts().items() if room_of(name) in rooms
            for found in pattern.finditer(without_comments(text))}


def rooms_without(*names):
    return tuple(room for room in ROOMS if room not in names)


class Structure(unittest.TestCase):
    maxDiff = None

    def test_there_is_a_house(self):
        self.assertGreater(len(parts()), 50)
        rooms = {room_of(name) for name in parts() if room_of(name)}
        self.assertLessEqual(rooms, set(ROOMS))
        functions = [function for text in parts().values() for function in scan(text).functions]
        self.assertGreater(len(functions), 400)

    def test_arrows_run_one_way(self):
        for name, text in parts().items():
            for included in includes_of(name, text) if room_of(name) else ():
                with self.subTest(part=name, includes=included):
                    self.assertLessEqual(ROOMS.index(room_of(included)), ROOMS.index(room_of(name)))

    def test_the_table_of_contents_is_in_that_order(self):
        rooms = [room_of(name) for name in includes_of('venv.hpp', parts()['venv.hpp']) if room_of(name)]
        self.assertEqual(rooms, sorted(rooms, key=ROOMS.index))

    def test_parts_are_short(self):
        for name, text in parts().items():
            with self.subTest(part=name):
                self.assertLessEqual(text.count('\n'), LINES_OF_PART)

    def test_functions_are_short(self):
        for name, text in parts().items():
            for function in scan(text).functions:
                with self.subTest(part=name, function=function.name, line=function.line):
                    self.assertLessEqual(function.lines, LINES_OF_FUNCTION)

    def test_functions_take_few_parameters(self):
        found = {(name, function.name) for name, text in parts().items() if room_of(name) != 'archive'
                 for function in scan(text).functions + scan(text).declarations
                 if function.parameters > PARAMETERS}
        self.assertEqual(found, TOO_MANY_PARAMETERS)

    def test_a_system_is_asked_for_only_where_its_file_is_chosen(self):
        for name, text in parts().items():
            lines = without_comments(text).splitlines()
            for number, line in enumerate(lines):
                found = SYSTEMS.match(line)
                if not found or name == 'config.hpp':
                    continue
                with self.subTest(part=name, line=number + 1):
                    self.assertEqual(room_of(name), 'system')
                    if found.group(1) in ('_WIN32', '_WIN64'):
                        self.assertFalse(is_chosen(name))
                        self.assertRegex(lines[number + 1], r'^\s*#\s*(include ".*\.(windows|posix)\.hpp"|error )')

    def test_only_system_touches_the_disk(self):
        self.assertEqual(matches(DISK, rooms_without('system')), DISK_ABOVE_SYSTEM)

    def test_only_the_program_prints(self):
        self.assertEqual(matches(PRINTS, rooms_without('program')), set())

    def test_only_the_program_handles_signals(self):
        """system/terminal.hpp knows how, and nothing but the program includes it. A child that is not yet
        another program takes handlers out."""
        found = {name for name, _ in matches(HANDLES, rooms_without('program'))}
        self.assertLessEqual(found, {'system/terminal.posix.hpp', 'system/terminal.windows.hpp',
                                     'system/child_start.posix.hpp'})
        users = {name for name, text in parts().items() if room_of(name) and not name.startswith('system/terminal.')
                 and 'system/terminal.hpp' in includes_of(name, text)}
        self.assertEqual({room_of(name) for name in users}, {'program'})
        # What a signal says goes down as a StopRequest.
        self.assertEqual({room_of(name) for name, _ in matches(SIGNALLED, ROOMS)}, {'program'})

    def test_only_system_reads_variables_and_only_the_program_its_own(self):
        self.assertEqual(matches(VARIABLES, rooms_without('system')), set())
        found = matches(OWN_VARIABLE, ROOMS)
        self.assertEqual({room_of(name) for name, _ in found}, {'program'})


class Scanner(unittest.TestCase):
    """What the tests above rest on."""

    def functions(self, text):
        return [(it.name, it.parameters, it.line, it.lines) for it in scan(text).functions]

    def test_definitions(self):
        for text, expected in (
                ('int f() { return 1; }', [('f', 0, 1, 1)]),
                ('\n// f( {\nint f(int a,\n      int b) {\n}\n', [('f', 2, 3, 3)]),
                ('void f(std::map<int, int> a, int b = g(1, 2), int c = {}) {}', [('f', 3, 1, 1)]),
                ('template <class A, class B>\nauto f(A a) -> B {\n  if (a) { return {}; }\n}', [('f', 1, 1, 4)]),
                ('A::A(int a) : b{a}, c(a) {\n}\n', [('A::A', 1, 1, 2)]),
                ('A::A(int a) : b(a) {}\nint g() {}', [('A::A', 1, 1, 1), ('g', 0, 2, 1)]),
                ('int f() try {\n} catch (const E& e) {\n}\nint g(int) {}', [('f', 0, 1, 3), ('g', 1, 4, 1)]),
                ('struct A {\n  std::function<void(int, int)> f{};\n  bool operator()(int, int) const {}\n};',
                 [('operator()', 2, 3, 1)]),
                ('namespace a {\nenum class B { c, d };\nclass D : public E {\npublic:\n  F g() { [](int) {}; }\n};\n}',
                 [('g', 0, 5, 1)]),
                ('const char* a = R"x(f() { )x"; char b = \'{\'; int c() {}', [('c', 0, 1, 1)]),
                ('int a[] = {1, 2};\nint f(int, int, int, int, int, int) {}', [('f', 6, 2, 1)]),
                ('struct B f(void) {\n  struct C { int d() { } };\n}', [('f', 0, 1, 3)]),
                ('[[nodiscard]] VENV_API bool operator<(const A&, const A&) {\n}', [('operator_', 2, 1, 2)])):
            with self.subTest(text=text):
                self.assertEqual(self.functions(text), expected)

    def test_declarations(self):
        text = 'struct A {\n  A(int);\n  std::string a{}, b = f(1, 2);\n  virtual void c(int, int) = 0;\n};\nint d();'
        self.assertEqual([(it.name, it.parameters, it.line) for it in scan(text).declarations],
                         [('A', 1, 2), ('c', 2, 4), ('d', 0, 6)])

    def test_every_brace_of_the_parts_is_understood(self):
        for name, text in parts().items():
            with self.subTest(part=name):
                self.assertEqual(scan(text).scopes, [])

    def test_what_must_not_be_there_would_be_found(self):
        for pattern, text in ((DISK, 'fs::exists(a)'), (DISK, 'std::filesystem::create_directories(a)'),
                              (PRINTS, 'std::fputs(a, b)'), (HANDLES, '::signal(SIGINT, handle)'),
                              (HANDLES, '::sigaction(a, b, c)'), (VARIABLES, 'std::getenv("A")'),
                              (OWN_VARIABLE, 'variable("VENV_PYTHON")'), (SYSTEMS, '#if defined(_WIN32)')):
            self.assertRegex(without_comments(text), pattern)
        for pattern, text in ((DISK, 'fs::path(a)'), (DISK, '// fs::exists(a)'), (HANDLES, '::signal(a, SIG_DFL)'),
                              (OWN_VARIABLE, '"__VENV_PYTHON__"')):
            self.assertNotRegex(without_comments(text), pattern)


if __name__ == '__main__':
    unittest.main()
