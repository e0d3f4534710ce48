"""activate.bat and deactivate.bat in wine's cmd, which is not Windows' own: there is no doskey, and
batch files are read in code page 437 whatever chcp says (so "é" is there what its two bytes mean in
437). Everything lies on the prefix's drive C."""

import os
import re
import shutil
import subprocess

import pytest

from harness import missing, need_ability, relocatable_text, render, scratch, source_of

NAMES = ["plain", "two words", "a & b", "a&b", "100%", "%PATH%", "%%", "a^b", "bang!x!", "!PATH!", "(x86)", "a) b",
         "it's", "naïve", "x;y", "a,b=c", "$P$G", "@echo", "a^^b ^& c", "`touch canary1`", "$(touch canary2)",
         "漢字 ’"]
STATES = {
    "nothing": [],
    "all set": ['set "PYTHONHOME=C:\\h & (x)"', 'set "VIRTUAL_ENV=C:\\old!"', 'set "VIRTUAL_ENV_PROMPT=o^d"',
                'set "PROMPT=$P!$_$G"'],
    "PATH with more": ['set "PATH=C:\\Program Files (x86)\\a & b;C:\\bang!;%PATH%"'],
    "delayed expansion": ["setlocal EnableDelayedExpansion"],
    "no prompt wanted": ["set VIRTUAL_ENV_DISABLE_PROMPT=1"],
    "no prompt": ["set PROMPT="],
    "echo on": ["echo on"],
}
OURS = ("PATH", "PROMPT", "PYTHONHOME", "VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT")


class Wine:
    def __init__(self):
        self.program = shutil.which("wine")
        if not self.program:
            missing("wine")
        need_ability("proc")
        self.prefix = scratch()
        self.env = {"PATH": os.environ["PATH"], "HOME": self.prefix, "WINEPREFIX": self.prefix, "WINEARCH": "win64",
                    "WINEDEBUG": "-all", "WINEDLLOVERRIDES": "mscoree,mshtml=;winemenubuilder.exe=d",
                    "LC_ALL": "C.UTF-8"}
        self.run("reg", "add", "HKCU\\Software\\Wine", "/v", "Version", "/d", "win10", "/f")
        drive = self.prefix + "/dosdevices/z:"
        if os.path.lexists(drive):  # nothing here is to see the rest of the machine
            os.unlink(drive)
        self.c = self.prefix + "/drive_c"

    def run(self, *words):
        return subprocess.run([self.program] + list(words), env=self.env, cwd=self.prefix, timeout=240,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def close(self):
        subprocess.run([self.program + "server", "-k"], env=self.env)
        shutil.rmtree(self.prefix, ignore_errors=True)


@pytest.fixture(scope="module")
def wine():
    wine = Wine()
    os.makedirs(wine.c + "/run")
    for i, name in enumerate(NAMES):
        folder = os.path.join(wine.c, "env", name, "Scripts")
        os.makedirs(folder)
        dir = "C:\\env\\" + name
        for script in ("activate.bat", "deactivate.bat"):
            text = render(script, dir, name, name, dir + "\\Scripts\\python.exe", "Scripts")
            with open(os.path.join(folder, script), "wb") as file:
                file.write(text.replace(b"\n", b"\r\n"))
        for seen in (name, name.encode().decode("cp437")):  # as wine reads it in the script
            os.makedirs(os.path.join(wine.c, "env", seen, "Scripts"), exist_ok=True)
            for file in ("pyvenv.cfg", "Scripts/python.exe"):
                open(os.path.join(wine.c, "env", seen, file), "w").close()
        # A way to it whose name means nothing to `call`, which reads %, ^ and & again.
        os.symlink(folder, wine.c + "/run/e%d" % i)
    # A value's own % is text to Windows' cmd; wine's looks for variables in it once more.
    with open(wine.c + "/run/probe.bat", "w", newline="\r\n") as file:
        file.write('@set "a=%%x%%"\n@set "b=%a%"\n@set b\n')
    wine.expands_twice = b"b=%x%" not in wine.run("cmd", "/c", "C:\\run\\probe.bat").stdout
    yield wine
    wine.close()


def values(text):
    """What `set` printed."""
    return dict(line.split("=", 1) for line in text.replace("\r", "").split("\n") if "=" in line)


def own(found):
    return {k: v for k, v in found.items() if k.upper() in OURS or "VENV" in k.upper() or "VIRTUAL" in k.upper()}


@pytest.mark.parametrize("state", STATES)
def test_activates_and_deactivates(wine, state):
    names = [n for n in NAMES if not ("%" in n and wine.expands_twice or "!" in n and "delayed" in state)]
    lines = ["@echo off"] + STATES[state]
    for i in map(NAMES.index, names):
        lines += ["echo @before", "set"]
        if i % 3 == 2:
            lines += ["call C:\\run\\e0\\activate.bat"]
        lines += ["call C:\\run\\e%d\\activate.bat extra arguments" % i,
                  "echo @active", "echo LEVEL=%errorlevel%", "set",
                  "call C:\\run\\e%d\\deactivate.bat" % i, "echo @after", "set",
                  "call C:\\run\\e%d\\deactivate.bat" % i, "echo @again", "set"]
    with open(wine.c + "/run/check.bat", "w", newline="\r\n") as file:
        file.write("\n".join(lines) + "\n")
    out = wine.run("cmd", "/u", "/c", "C:\\run\\check.bat").stdout.decode("utf-16-le", "replace")
    pieces = out.replace("\r", "").split("@before\n")[1:]
    assert len(pieces) == len(names), out[-1500:]
    problems = []
    for name, piece in zip(names, pieces):
        name = name.encode().decode("cp437")
        before, rest = piece.split("@active\n")
        active, rest = rest.split("@after\n")
        after, again = rest.split("@again\n")
        before, active, after, again = values(before), values(active), values(after), values(again)
        if own(before) != own(after):
            problems.append((name, "not put back", own(before), own(after)))
        if own(after) != own(again):
            problems.append((name, "a second deactivate", own(again)))
        dir, path = "C:\\env\\" + name, next(v for k, v in before.items() if k.upper() == "PATH")
        expected = {"VIRTUAL_ENV": dir, "VIRTUAL_ENV_PROMPT": name, "LEVEL": "0"}
        old = before.get("PROMPT")
        expected["PROMPT"] = "(" + name.replace("$", "$$") + ") " + (old or "$P$G")
        if state == "no prompt wanted":
            expected["PROMPT"] = old
        for key, value in expected.items():
            if active.get(key) != value:
                problems.append((name, key, active.get(key)))
        if next(v for k, v in active.items() if k.upper() == "PATH") != dir + "\\Scripts;" + path:
            problems.append((name, "PATH", active))
        if "PYTHONHOME" in active:
            problems.append((name, "PYTHONHOME"))
    print("checks: %d, failed: %d; wine expands %% twice: %s" % (len(names), len(problems), wine.expands_twice))
    assert not [n for n in os.listdir(wine.c + "/run") if n.startswith("canary")]
    assert not problems, "\n".join(map(repr, problems[:12]))


def test_no_name_of_the_callers_is_touched(wine):
    """Also where a caller's setlocal is what they belong to. The state gets no value meanwhile."""
    with open(source_of("activate.bat")) as one, open(source_of("deactivate.bat")) as two:
        text = re.sub(r"(?m)^@rem.*$", "", one.read() + two.read())
    names = set(re.findall(r'set "(\w+)=', text))
    assert all("VIRTUAL_ENV" in n or "_OLD_VIRTUAL" in n for n in names - {"PATH", "PROMPT", "PYTHONHOME"})
    state = {"_OLD_VIRTUAL_" + n for n in ("ACTIVE", "PATH", "PROMPT", "PYTHONHOME", "ENV", "ENV_PROMPT")}
    assert state < names
    names = sorted(names - {"PATH", "PROMPT", "PYTHONHOME", "VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT"}) + ["_venv", "_VENV_UNDO"]
    others = [name for name in names if name not in state]
    assert len(others) > 6
    lines = ["@echo off"]
    for setlocal in ("", "setlocal"):
        lines += [setlocal] + ['set "%s=first & %s"' % (name, name) for name in names]
        lines += ["call C:\\run\\e0\\activate.bat", "echo @", "set", "call C:\\run\\e1\\activate.bat"]
        lines += ['set "%s=second & %s"' % (name, name) for name in others]
        lines += ["call C:\\run\\e0\\deactivate.bat", "echo @", "set"]
    with open(wine.c + "/run/names.bat", "w", newline="\r\n") as file:
        file.write("\n".join(lines) + "\n")
    out = wine.run("cmd", "/u", "/c", "C:\\run\\names.bat").stdout.decode("utf-16-le", "replace")
    pieces = [values(piece) for piece in out.split("@")[1:]]
    assert len(pieces) == 4
    for piece, value in zip(pieces, ("first", "second") * 2):
        assert {name: piece.get(name) for name in others} == {name: value + " & " + name for name in others}
        if value == "second":
            assert {name: piece.get(name) for name in state} == {name: "first & " + name for name in state}


def test_says_so_when_the_environment_is_gone(wine):
    lines = ["@echo off"]
    for gone in ("pyvenv.cfg", "Scripts\\python.exe"):
        lines += ["ren C:\\env\\plain\\%s gone" % gone, "call C:\\run\\e0\\activate.bat 2>&1", "echo LEVEL=%errorlevel%", "set",
                  "ren C:\\env\\plain\\%s %s" % (gone.replace(gone.split("\\")[-1], "gone"), gone.split("\\")[-1])]
    with open(wine.c + "/run/gone.bat", "w", newline="\r\n") as file:
        file.write("\n".join(lines) + "\n")
    out = wine.run("cmd", "/u", "/c", "C:\\run\\gone.bat").stdout.decode("utf-16-le", "replace")
    assert out.count("nothing is activated") == out.count("LEVEL=1") == 2
    assert not [line for line in out.split("\n") if "VIRTUAL" in line]


def test_a_double_quote_has_no_form():
    assert render("activate.bat", 'C:\\a"b', 'a"b', 'a"b', "x", "Scripts") is None
    assert render("activate.bat", "C:\\a", "a", 'say "hi"', "x", "Scripts") is None


def test_one_that_can_be_moved_finds_where_it_lies(wine):
    text = relocatable_text("activate.bat").replace("__VENV_BIN_NAME__", "Scripts").replace("\n", "\r\n")
    names = ["plain", "two words", "it's", "(x86)", "a,b=c;d", "@echo", "bang!x!"]
    lines = ["@echo off"]
    for name in names:
        folder = os.path.join(wine.c, "moved", name, "Scripts")
        os.makedirs(folder)
        for file in ("../pyvenv.cfg", "python.exe"):
            open(os.path.join(folder, file), "w").close()
        with open(os.path.join(folder, "activate.bat"), "w", newline="") as file:
            file.write(text)
        lines += ['call "C:\\moved\\%s\\Scripts\\activate.bat"' % name, "echo @", "set VIRTUAL_ENV", "set PATH"]
    with open(wine.c + "/run/moved.bat", "w", newline="\r\n") as file:
        file.write("\n".join(lines) + "\n")
    out = wine.run("cmd", "/c", "C:\\run\\moved.bat").stdout.decode("cp437").replace("\r", "")
    pieces = out.split("@\n")[1:]
    assert len(pieces) == len(names), out
    for name, piece in zip(names, pieces):
        found = values(piece)
        dir = "C:\\moved\\" + name
        assert (found["VIRTUAL_ENV"], found["VIRTUAL_ENV_PROMPT"]) == (dir, name), piece
        path = next(value for key, value in found.items() if key.upper() == "PATH")
        assert path.startswith(dir + "\\Scripts;"), piece
