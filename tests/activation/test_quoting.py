"""Thousands of strings, quoted by src/text/quote.hpp, come back from the real shell as they were."""

import os
import random
import subprocess

import pytest

from harness import QUOTE_TOOL, STRANGE, program, run, scratch

# What makes a shell print one quoted string, ended by a byte that is in none of the strings.
END = "\x1e"
PRINT = {
    "sh": "printf '%s\\036' {}",
    "fish": "printf '%s\\036' {}",
    "csh": "printf '%s\\036' {}",
    "elvish": "print {}\"\\x1e\"",
    "nu": "print --raw --no-newline ({} + (char --integer 30))",
    "xonsh": "__import__('sys').stdout.write(''.join(s + '\\x1e' for s in [{}]))",
    "python": "__import__('sys').stdout.write({} + '\\x1e')",
}
LANGUAGE = {"dash": "sh", "bash": "sh", "bash-posix": "sh", "zsh": "sh", "ksh": "sh", "mksh": "sh",
            "busybox": "sh", "tcsh": "csh"}
SHELLS = ["sh", "dash", "bash", "bash-posix", "zsh", "ksh", "mksh", "busybox", "fish", "csh", "tcsh",
          "elvish", "nu-0.101", "nu-0.115", "xonsh-0.13", "xonsh-0.25", "python"]


def strings(count):
    """Seeded: nasty characters, printable ones, control characters, and any others."""
    chance = random.Random(20240613)
    nasty = "'\"\\$`!%^&|;<>(){}[]*?~#=@:, \t-+"
    out = [c for c in map(chr, range(1, 127)) if c != END] + list(STRANGE) + ["", "''", "\\'", "$'\\n'"]
    out += [a + b for a in nasty for b in nasty]
    while len(out) < count:
        kind = chance.randrange(4)
        length = chance.randrange(1, 24)
        if kind == 0:
            text = "".join(chance.choice(nasty) for _ in range(length))
        elif kind == 1:
            text = "".join(chr(chance.randrange(32, 127)) for _ in range(length))
        elif kind == 2:
            text = "".join(chance.choice(nasty + "\n\r\x07\x1b\x7fabcé漢😀’“\u00a0\u2028\ufeff\ufdd0\ufdd2\uf600") for _ in range(length))
        else:
            text = "".join(chr(chance.choice([chance.randrange(1, 0x250), chance.randrange(0x2000, 0xd800),
                                              chance.randrange(0xe000, 0x110000)])) for _ in range(length))
        out.append(text.replace(END, ""))
    return out


def quoted(language, texts):
    data = b"".join(t.encode() + b"\0" for t in texts)
    out = subprocess.run([QUOTE_TOOL, "quote", language], input=data, stdout=subprocess.PIPE, check=True)
    parts = out.stdout.split(b"\0")[:-1]
    assert len(parts) == len(texts)
    return [p[1:].decode() if p[:1] == b"+" else None for p in parts]


@pytest.mark.parametrize("locale", ["C.UTF-8", "C"])
@pytest.mark.parametrize("shell", SHELLS)
def test_strings_come_back(shell, locale):
    language = LANGUAGE.get(shell, shell.split("-")[0])
    if locale == "C" and language in ("nu", "xonsh", "elvish", "python"):
        pytest.skip("reads its scripts as UTF-8 whatever the locale is")
    command = ["/usr/bin/python3"] if shell == "python" else program(shell)
    texts = strings(5000)
    literals = quoted(language, texts)
    refused = [t for t, q in zip(texts, literals) if q is None]
    assert all("\n" in t for t in refused) and (not refused or language == "csh")
    kept = [(t, q) for t, q in zip(texts, literals) if q is not None]
    assert len(kept) > 4000
    folder = scratch()
    many = 50 if shell in ("csh", "tcsh", "mksh") else 1  # printf is no builtin there
    many, between = (100, ", ") if language == "xonsh" else (many, " ")
    groups = [between.join(q for _, q in kept[i:i + many]) for i in range(0, len(kept), many)]
    lines = "".join(PRINT[language].format(group) + "\n" for group in groups)
    if language == "nu":
        lines += "print ''\n"  # flushes
    result = run(command, lines, folder, env={"LC_ALL": locale}, timeout=300)
    back = result.stdout.decode("utf-8", "surrogateescape").split(END)
    wrong = [(t, q, b) for (t, q), b in zip(kept, back) if t != b]
    assert not wrong, wrong[:5]
    assert len(back) == len(kept) + 1 and not back[-1].strip(), result.stderr[-2000:]
    assert [name for name in os.listdir(folder) if name[0] != "."] == ["script"]
