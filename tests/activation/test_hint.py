"""The command that the program shows after it made an environment: typed into the shell that it was
started from, on a terminal, it activates."""

import os
import re
import time

import pytest

from harness import ROOT, Terminal, missing, plain, program, scratch

PROGRAM = os.environ.get("VENV_PROGRAM", os.path.join(ROOT, "build", "bin", "venv"))
SHELLS = ["dash", "bash", "zsh", "ksh", "mksh", "busybox", "fish", "csh", "tcsh", "elvish", "nu-0.115", "xonsh-0.25",
          "pwsh"]
SCRIPTS = {"fish": "activate.fish", "csh": "activate.csh", "tcsh": "activate.csh", "elvish": "activate.elv",
           "nu": "activate.nu", "xonsh": "activate.xsh", "pwsh": "Activate.ps1"}


def wait_for(path, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end and not os.path.exists(path):
        time.sleep(0.05)
    return os.path.exists(path)


@pytest.mark.parametrize("shell", SHELLS)
def test_the_hint_activates(shell):
    if not os.access(PROGRAM, os.X_OK):
        missing("the program " + PROGRAM)
    base = shell.split("-")[0]
    folder = os.path.realpath(scratch())
    extra = {"ksh": ["-o", "noemacs"], "xonsh": ["-i", "--shell-type", "readline"]}
    command = program(shell) + extra.get(base, [] if base in ("elvish", "nu", "pwsh") else ["-i"])
    # $SHELL names another one than the shell that is running.
    other = "/usr/bin/fish" if base in ("bash", "pwsh") else "/bin/bash"
    terminal = Terminal(command, folder, {"ENV": "", "SHELL": other, "VENV_HPP_NO_CACHE": "1"})
    ready = {"pwsh": "PS /", "xonsh": "@"}.get(base)  # they take seconds to start
    terminal.read(ready, seconds=60, quiet=1.5 if base in ("nu", "xonsh", "elvish", "pwsh") else 0.5)
    end = "\r" if base in ("elvish", "nu", "fish", "xonsh", "pwsh") else "\n"

    with open(folder + "/make", "w") as file:  # on a terminal, and without a shell in between
        file.write("#!/usr/bin/python3\nimport os, pty\ntext = b''\ndef read(fd):\n    global text\n    data = os.read(fd, 4096)\n"
                   "    text += data\n    return data\npty.spawn([%r, '--without-pip', '--symlinks', '--python',"
                   " '/usr/bin/python3', \"it's a $x\"], read)\nopen('said.new', 'wb').write(text)\n"
                   "os.rename('said.new', 'said')\n" % PROGRAM)
    os.chmod(folder + "/make", 0o755)
    terminal.send("./make", end)
    assert wait_for(folder + "/said"), plain(terminal.read(None, seconds=2))
    with open(folder + "/said", encoding="utf-8") as file:
        said = file.read()
    hint = re.search(r"Activate it: (.*?)\r?\n", said)
    assert hint and SCRIPTS.get(base, "activate") in hint.group(1), said
    if base not in SCRIPTS:
        assert hint.group(1).rstrip().endswith("/bin/activate'"), said

    terminal.read(None, seconds=5, quiet=0.5)
    with open(folder + "/report.py", "w") as file:
        file.write("import os, sys\nopen('prefix.new', 'w').write(sys.prefix)\nos.rename('prefix.new', 'prefix')\n")
    terminal.send(hint.group(1), end)
    terminal.read("it's a $x) " if base == "pwsh" else None, seconds=20, quiet=1.0)
    terminal.send("python report.py", end)
    found = wait_for(folder + "/prefix")
    shown = plain(terminal.read(None, seconds=2))
    terminal.close()
    assert found, (hint.group(1), shown)
    with open(folder + "/prefix") as file:
        assert file.read() == folder + "/it's a $x"
