"""Each script passes the linters and compile checks of its shells, as it lies in src/scripts and as
it is written for strange names. Every linter has to find something in a broken script first."""

import glob
import json
import os
import re
import shutil
import subprocess

import pytest

from harness import PATH, SCRIPTS, STRANGE, TOOLS, missing, program, render, run, scratch, source_of

ALL = sorted(os.path.basename(path) for path in glob.glob(SCRIPTS + "/*/*"))
PLACEHOLDERS = ["__VENV_DIR__", "__VENV_PROMPT__", "__VENV_BIN_NAME__"]

# Lines of Python that print what is wrong in the files that are their arguments.
PYTHON = """
import sys, warnings
warnings.simplefilter("error")
for file in sys.argv[1:]:
    try:
        with open(file, encoding="utf-8") as text:
            compile(text.read(), file, "exec")
    except (SyntaxError, Warning) as error:
        print(file, error)
"""
XONSH = """
import sys
from xonsh.built_ins import XSH
from xonsh.execer import Execer
execer = Execer()
XSH.load(execer=execer)
for file in sys.argv[1:]:
    try:
        execer.compile(open(file, encoding="utf-8").read(), "exec", {}, {}, filename=file)
    except SyntaxError as error:
        print(file, error)
"""
POWERSHELL = """
import sys, tree_sitter, tree_sitter_powershell
parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_powershell.language()))
def errors(node):
    if node.is_error or node.is_missing:
        print(file, node.start_point, node.text[:60])
    for child in node.children:
        if child.has_error or child.is_missing:
            errors(child)
for file in sys.argv[1:]:
    errors(parser.parse(open(file, "rb").read()).root_node)
"""


def output(command, ok=(0,)):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=300)
    text = done.stdout.decode("utf-8", "replace")
    return text if done.returncode in ok else text + " status %d" % done.returncode


def one_by_one(command):
    return lambda files: "".join(output(command + [file]) for file in files)


def at_once(command):
    return lambda files: output(command + files)


def tool(name):
    path = shutil.which(name, path=PATH)
    if not path:
        missing(name)
    return path


def shellcheck(dialect):
    return at_once([tool("shellcheck"), "--norc", "--shell=" + dialect])


def shellcheck_strange(dialect):
    """Errors only: shellcheck remarks on a value with `$` or quotes in it that it is taken as it is,
    which is what is wanted."""
    return at_once([tool("shellcheck"), "--norc", "--severity=error", "--shell=" + dialect])


def ksh(files):
    """Only its errors: ksh93 warns of every quotation over several lines."""
    text = "".join(output(program("ksh") + ["-n", file]) for file in files)
    return "\n".join(line for line in text.split("\n") if ": warning: " not in line)


def nu_check(shell):
    """nu-check, which reads a module as `overlay use` does."""

    def check(files):
        lines = ["print (try { nu-check --as-module --debug %s } catch {|e| $e.msg })" % json.dumps(file)
                 for file in files]
        done = run(program(shell), "\n".join(lines) + "\n", scratch())
        said = (done.stdout + done.stderr).decode("utf-8", "replace").split("\n")
        return "" if said == ["true"] * len(files) + [""] else "\n".join(said)

    return check


def nu_ide_check(shell):
    """Not for 0.101: it calls an exported alias of `overlay` wrong, and then takes it."""

    def check(files):
        text = "".join(output(program(shell) + ["--ide-check", "100", file]) for file in files)
        return "\n".join(line for line in text.split("\n") if line and '"type":"hint"' not in line)

    return check


def python_of(folder):
    path = os.path.join(TOOLS, folder, "bin", "python")
    if not os.path.exists(path):
        missing(folder)
    return path


# What checks a script: a function of files to what it says is wrong.
LINTERS = {
    "shellcheck sh": ("activate", lambda: shellcheck("sh")),
    "shellcheck dash": ("activate", lambda: shellcheck("dash")),
    "shellcheck bash": ("activate", lambda: shellcheck("bash")),
    "shellcheck ksh": ("activate", lambda: shellcheck("ksh")),
    "sh": ("activate", lambda: one_by_one(program("sh") + ["-n"])),
    "dash": ("activate", lambda: one_by_one(program("dash") + ["-n"])),
    "bash": ("activate", lambda: one_by_one(program("bash") + ["-n"])),
    "bash-posix": ("activate", lambda: one_by_one(program("bash-posix") + ["-n"])),
    "zsh": ("activate", lambda: one_by_one(program("zsh") + ["-n"])),
    "ksh": ("activate", lambda: ksh),
    "mksh": ("activate", lambda: one_by_one(program("mksh") + ["-n"])),
    "busybox": ("activate", lambda: one_by_one(program("busybox") + ["-n"])),
    "fish": ("activate.fish", lambda: at_once(program("fish") + ["--no-execute"])),
    # bsd-csh -n is none: it leaves variables as they are, then takes the `?` of `$?name` for files.
    "tcsh": ("activate.csh", lambda: one_by_one(program("tcsh") + ["-n"])),
    "nu-0.101": ("activate.nu", lambda: nu_check("nu-0.101")),
    "nu-0.115": ("activate.nu", lambda: nu_check("nu-0.115")),
    "nu-0.115 ide": ("activate.nu", lambda: nu_ide_check("nu-0.115")),
    "xonsh-0.13": ("activate.xsh",
                   lambda: at_once(["/usr/bin/python3", "-c", XONSH] if program("xonsh-0.13") else [])),
    "xonsh-0.25": ("activate.xsh", lambda: at_once([python_of("xonsh-0.25.0"), "-c", XONSH])),
    "elvish": ("activate.elv", lambda: one_by_one(program("elvish") + ["-compileonly"])),
    "python": ("activate_this.py", lambda: at_once(["/usr/bin/python3", "-c", PYTHON])),
    "powershell": ("Activate.ps1", lambda: at_once([python_of("powershell-grammar"), "-c", POWERSHELL])),
}

BROKEN = {
    "activate": "if true; then echo 'a\n",
    "activate.fish": "if true\n echo (\n",
    "activate.csh": "set a = 'b\n",
    "activate.nu": "export-env { let a = (1 }\n",
    "activate.xsh": "def f(:\n    pass\n",
    "activate.elv": "var a = [\n",
    "activate_this.py": "def f(:\n    pass\n",
    "Activate.ps1": "if ($a {\n",
}


def bin_name(script):
    return "Scripts" if os.path.basename(os.path.dirname(source_of(script))) == "nt" else "bin"


def rendered(script, folder):
    """The script for each strange name that its shell can represent."""
    files = []
    for number, name in enumerate(STRANGE):
        text = render(script, "/opt/%s/é %s" % (name, name), name, name, "python", bin_name(script))
        if text is not None:
            directory = os.path.join(folder, str(number))
            os.makedirs(directory)
            files.append(os.path.join(directory, script))
            with open(files[-1], "wb") as file:
                file.write(text)
    assert len(files) > len(STRANGE) / 2
    return files


@pytest.mark.parametrize("linter", LINTERS)
def test_linter_finds_nothing(linter):
    script, make = LINTERS[linter]
    check = make()
    folder = scratch()
    broken = os.path.join(folder, script)
    with open(broken, "w") as file:
        file.write(BROKEN[script])
    assert check([broken]).strip(), "it finds nothing wrong in what is broken"
    assert not check([source_of(script)]).strip()
    files = rendered(script, folder)
    assert not check(files[:1]).strip()  # that of "plain"
    if linter.startswith("shellcheck"):
        check = shellcheck_strange(linter.split()[1])
    assert not check(files[1:]).strip()


@pytest.mark.parametrize("script", ALL)
def test_every_script_has_a_linter(script):
    linted = {linted for linted, _ in LINTERS.values()}
    assert script in linted or script.endswith(".bat")  # there is none for cmd: see test_bat.py


@pytest.mark.parametrize("script", ALL)
def test_script_is_short_and_excludes_no_check(script):
    with open(source_of(script), "rb") as file:
        text = file.read()
    assert len(text) < 16000
    assert text.isascii() and b"\r" not in text and b"\t" not in text and text.endswith(b"\n")
    assert not re.search(rb"shellcheck\s+disable|noqa|pylint:", text)


@pytest.mark.parametrize("script", [script for script in ALL if script != "deactivate.bat"])
def test_placeholders_are_assigned_once_near_the_top(script):
    with open(source_of(script), encoding="utf-8") as file:
        lines = file.read().split("\n")
    at = []
    for placeholder in PLACEHOLDERS:
        found = [number for number, line in enumerate(lines) if placeholder in line]
        assert len(found) == 1, placeholder
        at += found
        line = lines[found[0]].strip()
        if script.endswith(".bat"):
            assert re.fullmatch(r'@set "\w+=%s"' % placeholder, line)
        else:
            assert re.fullmatch(r"(set -gx |setenv |set |let |var )?\$?\w+( ?= ?| )" + placeholder, line)
    assert at == list(range(at[0], at[0] + 3))
    assert at[0] < 50
    others = set(re.findall(r"__VENV_\w+?__", "\n".join(lines))) - set(PLACEHOLDERS)
    assert not others


def read_powershell(literal):
    """What PowerShell makes of a literal, by about_Quoting_Rules and the language's grammar: between
    single quotes (any of ' and four typographic ones) only a doubled one means something, itself;
    `+` joins strings and characters."""
    quotes = "'\u2018\u2019\u201a\u201b"
    strings = "[%s]((?:[^%s]|[%s]{2})*)[%s]" % ((quotes,) * 4)
    if literal[0] == "(":
        assert literal[-1] == ")"
        literal = literal[1:-1]
    units, at = [], 0
    while at < len(literal):
        found = re.compile(strings + r"(?![%s])|\[char\]0x([0-9A-F]{4})(?![0-9A-Z])" % quotes).match(literal, at)
        assert found, literal[at:]
        assert at or found.group(1) is not None  # [char] + [char] would add numbers
        text = found.group(1)
        if text is not None:
            text = re.sub("[%s]([%s])" % (quotes, quotes), r"\1", text)
            units.append(text.encode("utf-16-le", "surrogatepass"))
        else:
            units.append(int(found.group(2), 16).to_bytes(2, "little"))
        at = found.end()
        assert at == len(literal) or literal[at] == "+"
        at += 1
    return b"".join(units).decode("utf-16-le")


def test_powershell_literals_read_back():
    from test_quoting import quoted, strings

    texts = strings(5000)
    literals = quoted("powershell", texts)
    assert [read_powershell(literal) for literal in literals] == texts
    # Windows PowerShell 5.1 reads a file without a byte order mark in the machine's code page.
    assert all(literal.isascii() and literal.isprintable() for literal in literals)
    # A grammar of the language sees one assignment a line, and no error.
    file = os.path.join(scratch(), "literals.ps1")
    with open(file, "w") as out:
        out.writelines("$a = %s\n" % literal for literal in literals)
    assert not at_once([python_of("powershell-grammar"), "-c", POWERSHELL])([file])


def test_the_reader_of_powershell_literals_notices():
    assert read_powershell("'a''b'") == "a'b"
    assert read_powershell("('\u2019\u2019'+[char]0x6F22+'')") == "\u2019漢"
    for wrong in ["'a'b'", "'\u2019'", "a", "([char]0x0041+'b')", "'a'+b"]:
        with pytest.raises(AssertionError):
            read_powershell(wrong)


def test_rendered_powershell_is_ascii_whatever_the_name():
    text = render("Activate.ps1", "/é 漢字 ’ 😀", "é", "’‘‚‛“”„", "python")
    assert text.isascii()
