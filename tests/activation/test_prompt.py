"""On a terminal: the prompt shows the name, byte for byte, draws it without running any of it, and
is the old one again after deactivate."""

import os

import pytest

import harness
from harness import STRANGE, Environment, Terminal, canaries, plain, program, scratch, script_of

SOURCE = {
    "fish": "source {}", "csh": "source {}", "tcsh": "source {}", "elvish": "eval (slurp < {})",
    "nu": "overlay use {}", "xonsh": "source {}",
}
# How a shell is told which prompt to draw, and one more thing: an option that changes the drawing.
SET_UP = {
    "sh": ["PS1='REA''DY> '"], "dash": ["PS1='REA''DY> '"], "busybox": ["PS1='REA''DY> '"],
    "bash": ["PS1='REA''DY> '", "bind 'set enable-bracketed-paste off'"],
    "bash-posix": ["PS1='REA''DY> '", "bind 'set enable-bracketed-paste off'"],
    "bash-value": ["PS1='REA''DY> '", "bind 'set enable-bracketed-paste off'", "shopt -u promptvars"],
    "zsh": ["PS1='REA''DY> '", "unsetopt zle prompt_sp"],
    "zsh-subst": ["PS1='REA''DY> '", "unsetopt zle prompt_sp", "setopt prompt_subst"],
    "ksh": ["PS1='REA''DY> '"], "mksh": ["PS1='REA''DY> '"],
    "fish": ["function fish_prompt; echo 'REA''DY> '; end", "function fish_right_prompt; end",
             "function fish_greeting; end"],
    "csh": ["set prompt = 'REA''DY> '"], "tcsh": ["set prompt = 'REA''DY> '", "unset edit", "set nobeep"],
    "elvish": ["set edit:prompt = { print 'REA'DY'> ' }", "set edit:rprompt = { }"],
    "nu": ["$env.PROMPT_COMMAND = {|| 'REA' + 'DY' }", "$env.PROMPT_COMMAND_RIGHT = ''",
           "$env.PROMPT_INDICATOR = '> '"],
    "xonsh": ["$PROMPT = '{env_name}REA' 'DY> '"],
}
SHELLS = ["sh", "dash", "bash", "bash-posix", "bash-value", "zsh", "zsh-subst", "ksh", "mksh", "busybox", "fish", "csh",
          "tcsh", "elvish", "nu-0.101", "nu-0.115", "xonsh-0.13", "xonsh-0.25"]


def quoted(language, text):
    import subprocess

    from harness import QUOTE_TOOL
    out = subprocess.run([QUOTE_TOOL, "quote", language], input=text.encode() + b"\0", stdout=subprocess.PIPE)
    return out.stdout[1:-1].decode()


def start(shell, folder):
    base = shell.split("-")[0]
    command = program(shell if shell in harness.SHELLS else base)
    extra = {"ksh": ["-o", "noemacs"], "xonsh": ["-i", "--shell-type", "readline"], "fish": ["-i"]}
    command = command + extra.get(base, [] if base in ("elvish", "nu") else ["-i"])
    terminal = Terminal(command, folder, {"ENV": ""})
    terminal.read(None, seconds=10, quiet=1.0 if base in ("nu", "xonsh", "elvish") else 0.3)
    for line in SET_UP.get(shell) or SET_UP[base]:
        ask(terminal, base, line)
    return terminal, base


# These draw the line again and again while it is typed; the others say READY once for each line.
EDITORS = ("elvish", "nu", "fish")


def ask(terminal, base, line):
    if base in EDITORS:
        terminal.send(line, "\r")
        return terminal.read(None, seconds=10, quiet=0.3)
    terminal.send(line, "\r" if base == "xonsh" else "\n")
    return terminal.read("READY> ", seconds=4)


def prompt_in(text):
    """The last prompt drawn, from its line's start to its end."""
    lines = [l for l in plain(text).split("\n") if "READY" in l]
    return lines[-1].split("READY")[0] if lines else None


def drawn(terminal, base, line, expected):
    """The prompt after `line`. An editor on a busy machine may not have drawn it yet: then Enter."""
    shown = prompt_in(ask(terminal, base, line))
    for _ in range(5 if base in EDITORS else 0):
        if shown == expected:
            break
        shown = prompt_in(ask(terminal, base, ""))
    return shown


@pytest.mark.parametrize("shell", SHELLS)
def test_prompt_is_drawn_and_nothing_else(shell):
    folder = os.path.realpath(scratch())
    found = []
    terminal, base = start(shell, folder)
    assert drawn(terminal, base, "", "") == ""
    for name in STRANGE:
        environment = Environment(os.path.join(folder, "base"), name, name, script_of(shell))
        path = environment.script
        if base in ("nu", "xonsh"):  # they look for !! and $HOME in what is typed, quoted or not
            path = os.path.join(folder, "link%d" % STRANGE.index(name))
            os.symlink(environment.bin, path)
            path += "/" + script_of(shell)
        source = SOURCE.get(base, ". {}").format(quoted(base, path))
        if shell in ("zsh", "bash-value"):  # no form of a backtick is right however PS1 is expanded
            name = name.replace("`", "'")
        shown = drawn(terminal, base, source, "(" + name + ") ")
        if shown != "(" + name + ") ":
            found.append((name, shown))
        shown = drawn(terminal, base, "deactivate", "")
        if shown != "":
            found.append((name, "afterwards", shown))
    terminal.close()
    print("checks: %d, failed: %d" % (2 * len(STRANGE), len(found)))
    assert not canaries(folder)
    assert not found, "\n".join(map(repr, found[:40]))


# A shell that is started from an active one inherits the prompt, if it is exported, and reads it in
# its own way.
CHILDREN = ["bash --norc --noprofile", "bash --norc --noprofile --posix", "dash", "busybox sh",
            "ksh93 -o noemacs", "zsh -f"]  # mksh takes none over
HARMLESS = ["plain", "two words", "$(touch canary1)", "`touch canary2`"]  # and drawn without an error


@pytest.mark.parametrize("shell", ["dash", "bash", "bash-value", "zsh", "zsh-subst", "ksh", "mksh", "busybox"])
def test_an_exported_prompt_runs_nothing_in_another_shell(shell):
    folder = os.path.realpath(scratch())
    terminal, base = start(shell, folder)
    ask(terminal, base, "export PS1")
    found = []
    for name in HARMLESS + [name for name in STRANGE if "canary" in name and name not in HARMLESS]:
        environment = Environment(os.path.join(folder, "base"), name, name, "activate")
        ask(terminal, base, ". " + quoted("sh", environment.script))
        for child in CHILDREN:
            said = plain(ask(terminal, base, child))
            if "READY" not in said or name in HARMLESS and "ubstitution" in said:
                found.append((name, child, said))
            ask(terminal, base, "exit")
        ask(terminal, base, "deactivate")
        if canaries(folder):
            found.append((name, canaries(folder)))
            for canary in canaries(folder):
                os.remove(os.path.join(folder, canary))
    terminal.close()
    assert not found, "\n".join(map(repr, found[:20]))
