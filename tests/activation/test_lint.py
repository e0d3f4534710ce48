"""Each script passes the linters and compile checks of its shells, as it lies in src/scripts and as
it is written for strange names. Every linter has to find something in a broken script first."""

import glob
import json
import os
import re
import shutil
import subprocess

import pytest

from harness import PATH, SCRIPTS, STRANGE, TOOLS, missing, program, relocatable_text, render, run, scratch, source_of

ALL = sorted(os.path.basename(path) for folder in ("common", "posix", "nt") for path in glob.glob(SCRIPTS + "/%s/*" % folder))
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
POWERSHELL = r"""
foreach ($file in $args) {
  $errors = $null
  $null = [Management.Automation.Language.Parser]::ParseFile($file, [ref] $null, [ref] $errors)
  foreach ($one in $errors) { "$file $($one.Extent.StartLineNumber): $($one.Message)" }
}
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


def powershell(files):
    """PowerShell's own parser."""
    folder = scratch()
    with open(os.path.join(folder, "parse.ps1"), "w") as script:
        script.write(POWERSHELL)
    return output(program("pwsh") + ["-NonInteractive", "-File", script.name] + files)


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
    "powershell": ("Activate.ps1", lambda: powershell if program("pwsh") else None),
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
    if linter == "shellcheck sh":
        check = shellcheck_strange("sh")
    if linter == "shellcheck sh" or not linter.startswith("shellcheck"):  # the literals are all dialects'
        assert not check(files[1:]).strip()


def relocatable(script, folder):
    os.mkdir(os.path.join(folder, "relocatable"))
    path = os.path.join(folder, "relocatable", script)
    with open(path, "w", encoding="utf-8") as file:
        file.write(relocatable_text(script))
    return path


@pytest.mark.parametrize("linter", [name for name, (script, _) in LINTERS.items() if script != "Activate.ps1"])
def test_linter_finds_nothing_in_what_can_be_moved(linter):
    script, make = LINTERS[linter]
    assert not make()([relocatable(script, scratch())]).strip()


@pytest.mark.parametrize("dialect", ["sh", "dash", "bash", "ksh"])
def test_the_lines_that_programs_begin_with(dialect):
    path = os.path.join(SCRIPTS, "launcher.sh")
    with open(path, "rb") as file:
        text = file.read()
    assert text.isascii() and text.count(b"'''") == 2 and b"\\" not in text  # it is a text of Python's, too
    # What follows them is Python, where the last line opens a quote that none closes.
    shell = os.path.join(scratch(), "launcher.sh")
    with open(shell, "wb") as file:
        file.write(text[:text.rindex(b"' '''")])
    assert not shellcheck(dialect)([shell]).strip()
    compile(text, path, "exec", dont_inherit=True)


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


# Activate.ps1 finds out by itself: it is the same in every environment.
WITH_PLACEHOLDERS = [script for script in ALL if script not in ("deactivate.bat", "Activate.ps1")]


@pytest.mark.parametrize("script", WITH_PLACEHOLDERS)
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
            assert re.fullmatch(r"(builtin set -l |setenv |set |let |var )?\$?\w+(\[\d\])?( ?= ?| )" + placeholder, line)
    assert at == list(range(at[0], at[0] + 3))
    assert at[0] < 50
    others = set(re.findall(r"__VENV_\w+?__", "\n".join(lines))) - set(PLACEHOLDERS)
    assert not others


def test_activate_ps1_is_a_template_of_nothing():
    with open(source_of("Activate.ps1"), "rb") as file:
        text = file.read()
    assert b"__VENV" not in text
    assert render("Activate.ps1", "/\u00e9 '$x", "n", "p", "python") == text


# Cmdlets, parameters, operators and types that Windows PowerShell 5.1 has not.
NEWER = (r"\?\?|\?\.|&&|\|\||\bclean\b|-Parallel|-AsHashtable|-AsByteStream|Remove-Alias|Test-Json|Join-String|Get-Uptime"
         r"|-LeafBase|-Extension\b|ResolveLinkTarget|utf8NoBOM|\$Is(Windows|Linux|MacOS)|\$PSStyle|::new\(\)\.\?"
         r"|-isnot\s+\[semver|\bSplit-Path\b.*-LiteralPath")
CMDLETS = {"Get-Content", "Get-Item", "Get-Alias", "Get-Variable", "New-Variable", "Remove-Item", "Remove-Variable",
           "Resolve-Path", "Set-Alias", "Set-Item", "Set-StrictMode", "Test-Path", "Write-Error", "Write-Host", "Write-Verbose"}


def test_activate_ps1_is_what_windows_powershell_reads():
    with open(source_of("Activate.ps1"), encoding="ascii") as file:
        code = re.sub(r"<#.*?#>|^\s*#.*?$", "", file.read(), flags=re.S | re.M)
    assert not re.search(NEWER, code)
    assert set(re.findall(r"\b[A-Z][a-z]+-[A-Z]\w+", code)) == CMDLETS
