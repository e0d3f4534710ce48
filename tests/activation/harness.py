"""What the tests of the activation scripts share: where the shells are, strange names, environments
made of the scripts alone, and running a shell with and without a terminal."""

import glob
import os
import pty
import re
import resource
import select
import shutil
import subprocess
import sys
import tempfile
import time

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.append(os.path.join(ROOT, "tests"))
import abilities  # noqa: E402
SCRIPTS = os.environ.get("VENV_SCRIPTS", os.path.join(ROOT, "src", "scripts"))
TOOLS = os.environ.get("VENV_TEST_TOOLS", os.path.join(ROOT, "build", "tools"))
QUOTE_TOOL = os.environ.get("QUOTE_TOOL", os.path.join(ROOT, "build", "tests", "activation", "quote_tool"))
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

# Without the user's own start-up files.
SHELLS = {
    "sh": ["/bin/sh"],
    "dash": ["dash"],
    "bash": ["bash", "--norc", "--noprofile"],
    "bash-posix": ["bash", "--norc", "--noprofile", "--posix"],
    "zsh": ["zsh", "-f"],
    "ksh": ["ksh93"],
    "mksh": ["mksh"],
    "busybox": ["busybox", "sh"],
    "fish": ["fish", "--no-config"],
    "csh": ["bsd-csh", "-f"],
    "tcsh": ["tcsh", "-f"],
    "elvish": ["elvish", "-norc"],
    "pwsh": ["pwsh", "-NoProfile", "-NoLogo"],
    "nu-0.101": [TOOLS + "/nushell-0.101.0/node_modules/@nushell/*/bin/nu", "-n", "--no-std-lib"],
    "nu-0.115": [TOOLS + "/nushell-0.115.1/node_modules/@nushell/*/bin/nu", "-n", "--no-std-lib"],
    "xonsh-0.13": ["/usr/bin/xonsh", "--no-rc"],
    "xonsh-0.25": [TOOLS + "/xonsh-0.25.0/bin/python", "-m", "xonsh", "--no-rc"],
}
POSIX = ["sh", "dash", "bash", "bash-posix", "zsh", "ksh", "mksh", "busybox"]

# Each is a directory's name and a prompt. What looks like a command would make a file `canary…`.
STRANGE = [
    "plain",
    "two words",
    "it's",
    'say "hi"',
    "$(touch canary1)",
    "`touch canary2`",
    "${HOME}$HOME$$",
    "a;touch canary3;b",
    "a&touch canary4&b",
    "a|touch canary5",
    "back\\slash\\",
    "\\$(touch canary6)\\`touch canary7\\`",
    "'; touch canary8; '",
    '"; touch canary9; "',
    '"$(touch canary10)"',
    "'$(touch canary11)'",
    "percent %n %~ %d %{ %",
    "bang !! !1 !",
    "stars * ? [a]",
    "{braces} {{RED}} {user}",
    "(touch canary12)",
    "<in >out #hash",
    "~ tilde ^caret^ =equals",
    "naïve 漢字 😀 ’",
    "__VENV_NAME__",
    "-n",
    "  spaces  ",
    "@(touch canary13) @('x')",
    "$[touch canary14]",
    "((touch canary15))",
    "a^b^c",
    "\\n\\t\\033[0m\\u\\w",
    "\\044(touch canary16) \\140touch canary17\\140",
]


def program(shell):
    """The command that starts a shell; a visible skip where it is missing, a failure on CI."""
    words = list(SHELLS[shell])
    found = sorted(glob.glob(words[0])) or [shutil.which(words[0], path=PATH)]
    if shell == "pwsh":  # no package of Debian's: wherever the user has it
        found = [shutil.which("pwsh")]
    if not found[0]:
        missing(shell)
    return [found[0]] + words[1:]


def missing(what):
    if os.environ.get("CI") == "true":
        pytest.fail(what + " is not installed: run tools/install-shells --all")
    pytest.skip(what + " is not installed: run tools/install-shells --all")


def need_ability(name):
    """What a machine has or has not, whatever is installed: see abilities.py."""
    if abilities.why_not(name):
        (pytest.fail if abilities.is_a_failure(name) else pytest.skip)(abilities.lacking(name))


def script_of(shell):
    kind = shell.split("-")[0]
    name = {"fish": "fish", "csh": "csh", "tcsh": "csh", "nu": "nu", "xonsh": "xsh", "elvish": "elv"}
    if kind == "pwsh":
        return "Activate.ps1"
    return "activate." + name[kind] if kind in name else "activate"


def source_of(script):
    return next(p for p in (os.path.join(SCRIPTS, d, script) for d in ("common", "posix", "nt"))
                if os.path.exists(p))


def relocatable_text(script):
    """The script of an environment that can be moved: other lines in the place of two."""
    with open(source_of(script), encoding="utf-8") as file:
        lines = file.read().split("\n")
    with open(os.path.join(SCRIPTS, "relocatable", script), encoding="utf-8") as file:
        part = file.read().split("\n")[:-1]
    at = next(number for number, line in enumerate(lines) if "__VENV_DIR__" in line)
    assert "__VENV_PROMPT__" in lines[at + 1]
    return "\n".join(lines[:at] + part + lines[at + 2:])


class Environment:
    """A directory with one rendered script and a python; `present` is False if the script can't be."""

    def __init__(self, base, name, prompt, script):
        self.dir = os.path.join(base, name)
        self.prompt = prompt
        self.bin = os.path.join(self.dir, "bin")
        self.script = os.path.join(self.bin, script)
        os.makedirs(self.bin, exist_ok=True)
        if not os.path.lexists(self.bin + "/python"):
            os.symlink("/usr/bin/python3", self.bin + "/python")
            with open(self.dir + "/pyvenv.cfg", "w", encoding="utf-8") as cfg:
                cfg.write("home = /usr/bin\n" + ("" if prompt == name else "prompt = %r\n" % prompt))
        text = render(script, self.dir, name, prompt, self.bin + "/python")
        self.present = text is not None
        if self.present:
            with open(self.script, "wb") as file:
                file.write(text)


def render(script, dir, name, prompt, python, bin="bin"):
    words = [source_of(script), script, dir, name, prompt, bin, python]
    if "VENV_REFERENCE_SCRIPTS" in os.environ:  # does a check notice known faults?
        return render_as_reference(*words)
    result = subprocess.run([QUOTE_TOOL, "render"] + words, stdout=subprocess.PIPE)
    assert result.returncode in (0, 3)
    return result.stdout if result.returncode == 0 else None


def render_as_reference(source, script, dir, name, prompt, bin, python):
    """As Python 3.13.0 does: for checking that these tests notice known faults."""
    with open(source, encoding="utf-8") as file:
        text = file.read()
    values = {"DIR": dir, "NAME": name, "PROMPT": prompt, "BIN_NAME": bin, "PYTHON": python}
    for key, value in values.items():
        text = text.replace("__VENV_" + key + "__", value)
    return text.encode()


def scratch():
    return tempfile.mkdtemp(prefix="activation ")


def canaries(folder):
    return sorted(n for n in os.listdir(folder) if n.startswith("canary"))


def run(command, text, cwd, env=None, timeout=60):
    """Runs a script's text in a shell."""
    environment = {"PATH": PATH, "HOME": cwd, "LC_ALL": "C.UTF-8", "TERM": "dumb"}
    environment.update(env or {})
    environment = {k: v for k, v in environment.items() if v is not None}
    file = os.path.join(cwd, "script")
    with open(file, "w", encoding="utf-8", errors="surrogateescape") as script:
        script.write(text)
    return subprocess.run(command + [file], cwd=cwd, env=environment, timeout=timeout,
                          preexec_fn=limit_memory, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def limit_memory():
    """csh takes all there is when a script confuses it."""
    resource.setrlimit(resource.RLIMIT_DATA, (2 << 30, 2 << 30))


class Terminal:
    """A shell on a pseudo-terminal, to see what prompt it draws."""

    def __init__(self, command, cwd, env=None):
        need_ability("terminals")
        environment = {"PATH": PATH, "HOME": cwd, "LC_ALL": "C.UTF-8", "TERM": "xterm",
                       "COLUMNS": "200", "LINES": "40"}
        environment.update(env or {})
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                os.chdir(cwd)
                os.execvpe(command[0], command, environment)
            finally:
                os._exit(127)
        import fcntl
        import struct
        import termios

        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 200, 0, 0))

    def read(self, until=None, seconds=20.0, quiet=0.04):
        """What comes until `until` was seen (failing that, `seconds`), and then nothing for `quiet`."""
        data, end, seen = b"", time.monotonic() + seconds, until is None
        while time.monotonic() < end:
            ready, _, _ = select.select([self.fd], [], [], quiet if seen else 0.5)
            if not ready:
                if seen:
                    break
                continue
            try:
                piece = os.read(self.fd, 65536)
            except OSError:
                break
            if not piece:
                break
            data += piece
            if b"\x1b[6n" in piece:  # where is the cursor?
                os.write(self.fd, b"\x1b[1;1R")
            if b"\x1b[c" in piece or b"\x1b[0c" in piece:  # what terminal are you?
                os.write(self.fd, b"\x1b[?1;2c")
            seen = seen or until.encode() in data
        return data.decode("utf-8", "replace")

    def send(self, line, end="\n"):
        os.write(self.fd, (line + end).encode())

    def close(self):
        import signal

        os.kill(self.pid, signal.SIGKILL)
        os.close(self.fd)
        os.waitpid(self.pid, 0)


def plain(text):
    """The text without what moves the cursor or colours it."""
    text = re.sub(r"\x1b\[[0-9]+;[0-9]+H", "\n", text)  # to the start of some line
    text = re.sub(r"\x1b\][^\x07\x1b]*(\x07|\x1b\\)", "", text)
    text = re.sub(r"\x1b[\[(][0-9;?>=]*[a-zA-Z]|\x1b[=>78]|[\x01\x02\x0f]", "", text)
    return "\n".join(line.rstrip("\r").split("\r")[-1] for line in text.split("\n"))
