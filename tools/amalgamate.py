#!/usr/bin/env python3
"""Makes venv.hpp from src/.

src/venv.hpp, the umbrella, names the parts in their order and the standard headers with their
reasons; everything else follows from it. The result is the same on every machine and at any time.

    amalgamate.py               writes venv.hpp
    amalgamate.py --check       says whether venv.hpp is current; prints the difference if not
    amalgamate.py --line-map    with #line, so that diagnostics and debuggers point at the parts
    amalgamate.py --output F    writes F ("-": standard output) instead of venv.hpp
    amalgamate.py --embed F     writes only the embedded scripts, as the parts include them
"""

import argparse
import difflib
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SRC = ROOT / 'src'
EMBEDDED = 'scripts/embedded.hpp'
SCRIPT_LIMIT = 16000  # bytes; MSVC's limit for one string literal
DELIMITER = 'venv'
BORDER = '// ' + '=' * 97

LOCAL = re.compile(r'^\s*#\s*include\s+"([^"]+)"')
SYSTEM = re.compile(r'^#\s*include\s+<([^>]+)>(?:\s*//\s*(.*))?$')
DEFINE = re.compile(r'^\s*#\s*define\s+(\w+)')
INLINE_NAMESPACE = re.compile(r'^#define VENV_ABI (\w+)$')
UNDEF = re.compile(r'^\s*#\s*undef\s+(\w+)')

BANNER = '''\
// venv.hpp {version}: Python virtual environments from C++17, without starting Python.
// SPDX-License-Identifier: MIT (the text is at the end)
//
// Generated from src/ by tools/amalgamate.py. Do not edit: change src/ and run it again.
//
{example}
//
// Contents, with the line where each begins:
//
{contents}
'''

EXAMPLE = '''\
//   #include "venv.hpp"
//
//   int main() {
//     venv::Options options;  // EnvBuilder's keyword arguments
//     options.with_pip = true;
//     options.symlinks = true;
//     venv::create(".venv", options);
//   }'''


class Problem(Exception):
    """Something in src/ that must be mended there."""


# ---- the scripts ---------------------------------------------------------------------------------


def literal(path):
    """A raw string of a script's text."""
    data = path.read_bytes()
    name = path.relative_to(ROOT)
    if len(data) > SCRIPT_LIMIT:
        raise Problem(f'{name}: {len(data)} bytes; MSVC takes {SCRIPT_LIMIT} in one literal')
    text = data.decode('utf-8')
    if f'){DELIMITER}"' in text:
        raise Problem(f'{name}: contains the raw string delimiter ){DELIMITER}"')
    return f'R"{DELIMITER}({text}){DELIMITER}"'


def embedded_scripts():
    """The part that carries every file under src/scripts."""
    lines = ['#pragma once', '', '#include "config.hpp"', '', '#include <cstddef>', '#include <string_view>', '',
             'VENV_DETAIL_BEGIN', '']
    lines += ['struct EmbeddedScript {', '  std::string_view folder, name, text;', '};', '',
              '// Not by length(): counting these at compile time costs every includer time.',
              'template <std::size_t size> constexpr std::string_view script(const char (&text)[size]) {',
              '  return {text, size - 1};', '}', '']
    for path in sorted(path for path in (SRC / 'scripts').iterdir() if path.is_file()):
        lines += [f'inline constexpr std::string_view script_{path.stem} = script({literal(path)});', '']
    for name, folders in (('activation_scripts', ('common', 'nt', 'posix')),
                          ('relocatable_parts', ('relocatable',))):
        lines.append(f'inline constexpr EmbeddedScript {name}[] = {{')
        for folder in folders:
            for path in sorted((SRC / 'scripts' / folder).iterdir()):
                lines.append(f'    {{"{folder}", "{path.name}", script({literal(path)})}},')
        lines += ['};', '']
    lines += ['VENV_DETAIL_END']
    return '\n'.join(lines) + '\n'


# ---- the parts -----------------------------------------------------------------------------------


class Part:
    def __init__(self, name, text):
        self.name = name
        self.lines = text.splitlines()

    def local_includes(self):
        """(line number, part's name) of each include of another part."""
        for number, line in enumerate(self.lines):
            found = LOCAL.match(line)
            if found:
                path = found.group(1)
                if path != EMBEDDED and self.name != EMBEDDED:
                    path = (SRC / self.name).parent.joinpath(path).resolve().relative_to(SRC).as_posix()
                yield number, path

    def system_includes(self):
        """Standard headers; what stands under an #if, or behind a blank line, is the system's own."""
        for line in self.lines:
            found = SYSTEM.match(line)
            if found and '.h' not in found.group(1):
                yield found.group(1)


def read_part(name):
    if name == EMBEDDED:
        return Part(name, embedded_scripts())
    path = SRC / name
    if not path.is_file():
        raise Problem(f'src/{name}: included, but not there')
    return Part(name, path.read_text('utf-8'))


def read_once(name, parts):
    if name not in parts:
        parts[name] = read_part(name)
    return parts[name]


class Umbrella:
    """src/venv.hpp: what is public, what is not, and why each standard header is there."""

    def __init__(self):
        part = read_part('venv.hpp')
        self.reasons, self.groups, group = [{}, {}], [[], []], 0
        for line in part.lines:
            local, system = LOCAL.match(line), SYSTEM.match(line)
            if line.startswith('#if '):
                group = 1
            elif local:
                self.groups[group].append(local.group(1))
            elif system:
                if not system.group(2):
                    raise Problem(f'src/venv.hpp: <{system.group(1)}> is given no reason')
                self.reasons[group][system.group(1)] = system.group(2)
        self.head, self.tail = self.groups[0].pop(0), self.groups[1].pop()
        if (self.head, self.tail) != ('config.hpp', 'undef.hpp'):
            raise Problem('src/venv.hpp: config.hpp must come first and undef.hpp last')


def inlined(name, parts, open_parts=()):
    """The part's lines with the platform files that it chooses put in their places."""
    if name in open_parts:
        raise Problem('include cycle: ' + ' -> '.join(open_parts + (name,)))
    part = read_once(name, parts)
    includes = dict(part.local_includes())
    result = []
    for number, line in enumerate(part.lines):
        included = includes.get(number)
        if included and is_platform_file(included) and not is_platform_file(name):
            result += inlined(included, parts, open_parts + (name,))
        elif not included and not line.startswith('#pragma once') and not is_standard(line):
            result.append((name, number + 1, line))
    return strip_blank(result)


def is_standard(line):
    found = SYSTEM.match(line)
    return bool(found) and '.h' not in found.group(1)


def is_platform_file(name):
    return name.endswith(('.posix.hpp', '.windows.hpp'))


def strip_blank(lines):
    """No blank lines at either end, no two in a row."""
    result = []
    for line in lines:
        if line[2].strip() or (result and result[-1][2].strip()):
            result.append(line)
    while result and not result[-1][2].strip():
        result.pop()
    return result


def check_cycles(name, parts, done, open_parts=()):
    if name in open_parts:
        raise Problem('include cycle: ' + ' -> '.join(open_parts[open_parts.index(name):] + (name,)))
    if name in done:
        return
    for _, included in read_once(name, parts).local_includes():
        # A platform file includes the contract that chooses it.
        if not (is_platform_file(name) and included == contract_of(name)):
            check_cycles(included, parts, done, open_parts + (name,))
    done.add(name)


def contract_of(name):
    return re.sub(r'\.(posix|windows)\.hpp$', '.hpp', name)


def check_order(order, parts):
    """Each part comes after those that it includes; none is left out."""
    seen = set()
    for name in order:
        for _, included in parts[name].local_includes():
            if not is_platform_file(included) and included not in seen:
                raise Problem(f'src/venv.hpp: {included} must come before {name}, which includes it')
        seen.add(name)
    there = {path.relative_to(SRC).as_posix() for path in SRC.rglob('*.hpp')} - {'venv.hpp'}
    for name in sorted(there - seen):
        if not is_platform_file(name):
            raise Problem(f'src/{name}: a part left out of src/venv.hpp')
        if contract_of(name) not in seen:
            raise Problem(f'src/{name}: no contract {contract_of(name)} chooses it')


def check_standard_headers(umbrella, parts):
    used = [set(), set()]
    for name, part in parts.items():
        if name != 'venv.hpp':
            used[name not in umbrella.groups[0]].update(part.system_includes())
    used[1] -= used[0]
    for group, names in enumerate(used):
        listed = set(umbrella.reasons[group])
        for name in sorted(names ^ listed):
            what = 'is used but not listed' if name in names else 'is listed but not used'
            raise Problem(f'src/venv.hpp: <{name}> {what} for {("the API", "the rest")[group]}')


def check_macros(parts):
    """Every macro begins with VENV_ and is gone at the end, but for the documented ones."""
    public = re.compile(r'VENV_(VERSION_(MAJOR|MINOR|PATCH)|HEADER_ONLY|API)$')
    undefined = {found.group(1) for part in parts.values()
                 for found in map(UNDEF.match, part.lines) if found}
    for name, part in parts.items():
        for found in filter(None, map(DEFINE.match, part.lines)):
            macro = found.group(1)
            if not public.match(macro) and macro not in undefined:
                raise Problem(f'src/{name}: macro {macro} leaks')
            if not macro.startswith('VENV_') and not name.endswith('.windows.hpp'):
                raise Problem(f'src/{name}: macro {macro} does not begin with VENV_')


def version(parts):
    text = '\n'.join(parts['config.hpp'].lines)
    return '.'.join(re.search(rf'#define VENV_VERSION_{part} (\d+)', text).group(1)
                    for part in ('MAJOR', 'MINOR', 'PATCH'))


def check_inline_namespace(parts):
    """Its name holds the whole version, and differs between the modes: header-only, or not."""
    expected = 'v' + version(parts).replace('.', '_')
    names = [found.group(1) for found in map(INLINE_NAMESPACE.match, parts['config.hpp'].lines) if found]
    if names != [expected, expected + '_compiled']:
        raise Problem(f'src/config.hpp: the inline namespaces are {" and ".join(names) or "missing"}; '
                      f'the version and the modes want {expected} and {expected}_compiled')


# ---- the header ----------------------------------------------------------------------------------


def headers(reasons):
    width = max(map(len, reasons)) + len('#include <>')
    return [f'#include <{name}>'.ljust(width) + f' // {reason}' for name, reason in sorted(reasons.items())]


def title(name):
    return f'// ---- src/{name} '.ljust(100, '-')


def body(umbrella, parts, line_map, path):
    """The lines below the table of contents, and what begins where among them."""
    lines, contents = [], []

    def add(*more):
        lines.extend(more)

    def add_part(name):
        add('', title(name), '')
        contents.append((name, len(lines)))
        last = None
        for source, number, line in inlined(name, parts):
            if line_map and source != last:
                add(f'#line {number} "{path}/{source}"')
            last = source
            add(line)

    add_part(umbrella.head)
    add('', '#if !defined(VENV_HPP) && !defined(VENV_REFUSED)', '#define VENV_HPP', '')
    add(*headers(umbrella.reasons[0]))
    for name in umbrella.groups[0]:
        add_part(name)
    add('', '#endif // VENV_HPP', '', BORDER, '// The implementation: nothing below is for users.', BORDER, '')
    add('#if (VENV_HEADER_ONLY || defined(VENV_IMPLEMENTATION)) && !defined(VENV_HPP_IMPLEMENTED) && \\',
        '    !defined(VENV_REFUSED)', '#define VENV_HPP_IMPLEMENTED', '')
    add(*headers(umbrella.reasons[1]))
    for name in umbrella.groups[1]:
        add_part(name)
    add('', '#endif // the implementation')
    add_part(umbrella.tail)
    licence = (ROOT / 'LICENSE').read_text('utf-8').splitlines()
    add('', BORDER, *(f'// {line}'.rstrip() for line in licence), BORDER)
    return lines, contents


def amalgamate(line_map=False, path='src'):
    umbrella = Umbrella()
    order = [umbrella.head, *umbrella.groups[0], *umbrella.groups[1], umbrella.tail]
    parts, looked_at = {}, set()
    for name in order:
        check_cycles(name, parts, looked_at)
    check_order(order, parts)
    check_standard_headers(umbrella, parts)
    check_macros(parts)
    check_inline_namespace(parts)
    lines, contents = body(umbrella, parts, line_map, path)
    offset = BANNER.count('\n') + EXAMPLE.count('\n') + len(contents) - 1
    rows = '\n'.join(f'//   {offset + line:>5}  {name}' for name, line in contents)
    banner = BANNER.format(version=version(parts), example=EXAMPLE, contents=rows)
    return banner + '\n'.join(lines) + '\n'


def check(text):
    committed = ROOT / 'venv.hpp'
    old = committed.read_text('utf-8') if committed.is_file() else ''
    if old == text:
        return 0
    sys.stdout.writelines(difflib.unified_diff(
        old.splitlines(True), text.splitlines(True), 'venv.hpp', 'venv.hpp made from src/', n=1))
    print('venv.hpp is not what src/ makes. Run: python3 tools/amalgamate.py', file=sys.stderr)
    return 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument('--check', action='store_true')
    parser.add_argument('--line-map', action='store_true')
    parser.add_argument('--output', default=str(ROOT / 'venv.hpp'))
    parser.add_argument('--embed', metavar='F')
    options = parser.parse_args()
    try:
        if options.embed:
            output, text = options.embed, embedded_scripts()
        else:
            output, text = options.output, amalgamate(options.line_map, SRC.as_posix() if options.line_map else 'src')
    except Problem as problem:
        print(f'Error: {problem}', file=sys.stderr)
        return 1
    if options.check:
        return check(text)
    if output == '-':
        sys.stdout.write(text)
    elif not Path(output).is_file() or Path(output).read_text('utf-8') != text:
        Path(output).parent.mkdir(parents=True, exist_ok=True)
        with open(output, 'w', encoding='utf-8', newline='\n') as file:
            file.write(text)
    return 0


if __name__ == '__main__':
    sys.exit(main())
