"""Writes the seed corpora of fuzz/*.cpp.

    python3 fuzz/make_corpus.py

The result is committed: small archives and streams of every kind, from which the fuzzer starts.
Python's standard library alone; the output is the same every time.
"""

import base64
import hashlib
import io
import pathlib
import struct
import zipfile
import zlib

CORPUS = pathlib.Path(__file__).parent / "corpus"
TEXT = b"".join(
    b"def function_%d(self):\n    return self.value + %d\n\n" % (i, i * i) for i in range(40)
)
NOISE = b"".join(hashlib.sha256(bytes([i])).digest() for i in range(12))


def write(target, name, data):
    directory = CORPUS / target
    directory.mkdir(parents=True, exist_ok=True)
    (directory / name).write_bytes(data)


def deflate(data, level=9, strategy=zlib.Z_DEFAULT_STRATEGY):
    stream = zlib.compressobj(level, zlib.DEFLATED, -15, 9, strategy)
    return stream.compress(data) + stream.flush()


def inflate_corpus():
    contents = {"empty": b"", "byte": b"x", "text": TEXT, "noise": NOISE, "run": b"a" * 700,
                "mixed": TEXT[:300] + NOISE[:90] + TEXT[100:500]}
    kinds = {"stored": (0, zlib.Z_DEFAULT_STRATEGY), "fixed": (9, zlib.Z_FIXED),
             "dynamic": (9, zlib.Z_DEFAULT_STRATEGY), "huffman": (9, zlib.Z_HUFFMAN_ONLY)}
    for name, content in contents.items():
        for kind, (level, strategy) in kinds.items():
            stream = deflate(content, level, strategy)
            write("inflate", f"{name}-{kind}", len(content).to_bytes(2, "little") + stream)
            write("inflate", f"{name}-{kind}-measured", b"\xff\xff" + stream)


def make_zip(files, method=zipfile.ZIP_DEFLATED, comment=b""):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files:
            info = zipfile.ZipInfo(name)
            info.compress_type = method
            info.create_system = 3
            info.external_attr = (0o040755 if name.endswith("/") else 0o100644) << 16
            archive.writestr(info, content)
        archive.comment = comment
    return out.getvalue()


class Unseekable(io.BytesIO):
    """Makes zipfile write data descriptors."""

    def seekable(self):
        return False

    def seek(self, *args):
        raise io.UnsupportedOperation

    def tell(self):
        raise io.UnsupportedOperation


def zip_corpus():
    files = [("a/", b""), ("a/b.py", TEXT[:200]), ("a/c.txt", b"c"), ("empty", b"")]
    write("zip", "deflated", make_zip(files))
    write("zip", "stored", make_zip(files, zipfile.ZIP_STORED))
    write("zip", "comment", make_zip(files, comment=b"a comment"))
    write("zip", "no-entries", make_zip([]))
    write("zip", "collision", make_zip([("A/b", b"1"), ("a/B", b"2")]))
    out = Unseekable()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("streamed"), TEXT[:100])
    write("zip", "descriptor", out.getvalue())


def record_of(files):
    rows = []
    for name, content in files:
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
        rows.append(f"{name},sha256={digest},{len(content)}\n")
    return "".join(rows)


def wheel_corpus():
    info = "demo-1.0.dist-info"
    entry_points = (
        b"# scripts\n[console_scripts]\ndemo = demo.cli:main\ndemo3 = demo:x.y [extra]\n"
        b"\n[gui_scripts]\nw = demo:w\n"
    )
    metadata = (
        b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nRequires-Python: >=3.8\n\nText\n"
    )
    files = [
        ("demo/__init__.py", b"x = 1\n"),
        (f"{info}/METADATA", metadata),
        (f"{info}/WHEEL", b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
        (f"{info}/entry_points.txt", entry_points),
    ]
    record = record_of(files) + f"{info}/RECORD,,\n"
    whole = files + [(f"{info}/RECORD", record.encode())]
    for method, name in ((zipfile.ZIP_DEFLATED, "deflated"), (zipfile.ZIP_STORED, "stored")):
        write("wheel", f"wheel-{name}", b"w" + make_zip(whole, method))
    write("wheel", "wheel-without-record", b"w" + make_zip(files, zipfile.ZIP_STORED))
    write("wheel", "record", b"r" + record.encode())
    write("wheel", "record-quotes", b'r"a,b",sha256=x,1\r\n"c""d",,\r\n"e\nf",,""\n')
    write("wheel", "entry-points", b"e" + entry_points)
    for i, text in enumerate((b"1.0\n>=1.0,!=1.1.*,~=1.0", b"1!2.0rc1.post2.dev3+local.7\n1!2.0-3",
                              b"v1.0-alpha_1\n<2,>0,==1.*,===1.0,<=3", b"24.2\n23.0.1")):
        write("wheel", f"versions-{i}", b"v" + text)
    for i, text in enumerate((b"pip-24.2-py3-none-any.whl", b"a.b-1.0+l-1x-py2.py3-none-any.whl")):
        write("wheel", f"name-{i}", b"n" + text)


def cfg_corpus():
    for name, text in {
        "usual": "home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.13.0\n"
                 "prompt = 'it\\'s'\nexecutable = /usr/bin/python3.13\n"
                 "command = /usr/bin/python3 -m venv --prompt=\"a = b\" /tmp/env\n",
        "blanks": " \t HOME\t=\v/usr/bin \f\r\n\r\rversion=3.8 = 9\r= nothing\nempty =\n",
        "twice": "home = /one\nHome = /two\nno equals sign\n# home = /three\nhome=",
    }.items():
        write("cfg", name, text.encode())


def fields(*values):
    """Numbers in eight bytes, texts behind their length."""
    return b"".join(
        struct.pack("<Q", value) if isinstance(value, int)
        else struct.pack("<Q", len(value)) + value.encode()
        for value in values
    )


def cache_corpus():
    """The first byte 0 is a pack, 1 an answer; the targets themselves fill in the checksums."""
    header = b"venv.hpp pack 2\n"
    for name, count in (("empty", 0), ("one", 1), ("three", 3)):
        files, rows = b"", b""
        for i in range(count):
            content = b"x = %d\n" % i
            file = f"demo/m{i}.py" if i else "demo-1.0.dist-info/METADATA"
            rows += fields(file, "sha256=x", 0o644, i % 2, len(header) + len(files),
                           len(content), 0)
            files += content
        of_wheel = int(count == 3)
        index = fields("key", "demo", "1.0", "%(module)s %(func)s", of_wheel, of_wheel, 1, "demo", "demo.cli", "main",
                       count) + rows
        # Where the index is, as the target reads it: from behind the header on.
        footer = fields(len(files), len(index), 0, 0) + header[:8]
        write("cache", f"pack-{name}", b"\0" + header + files + index + footer)
    for name, answers in (("empty", ()), ("python", ("version=3.13.0", "implementation=cpython", "prerelease=", "executable=/usr/bin/python3"))):
        body = fields("identity\n0123", len(answers), *answers)
        write("cache", f"answer-{name}", b"\1venv.hpp answer 2\n" + fields(0) + body)


def layout_corpus():
    """Files with 0 between them, each a name, a line feed and its text."""
    info, data = b"demo-1.0.dist-info/", b"demo-1.0.data/"
    for name, files in {
        "modules": (b"demo/__init__.py\nx = 1\n", b"caf\xc3\xa9.txt\n"),
        "data": tuple(data + place for place in (b"scripts/tool\n#!python\n", b"headers/demo.h\n", b"data/share/x\n",
                                                 b"purelib/a.py\n", b"platlib/b.py\n", b"scripts/demo.exe\n")),
        "entry-points": (info + b"entry_points.txt\n[console_scripts]\ndemo = demo:main\n", data + b"scripts/demo\n#!python\n"),
        "own": (data + b"scripts/python\n", data + b"data/pyvenv.cfg\n", data + b"data/bin/x\n"),
        "paths": (b"../x\n", b"/x\n", b"a//b\n", b"a/./b\n", b"a\n", b"a/b\n"),
        "record": (b"a\nx", info + b"RECORD\na,sha256=x,1\n" + info + b"METADATA,,\n" + info + b"WHEEL,,\n"),
        "spelled": (b"DEMO-1.0.dist-info/METADATA\nName: demo\nVersion: 1\n", b"Demo-1.data/data/x\n"),
        "signed": (info + b"RECORD.jws\n{}", info + b"RECORD.p7s\n"),
    }.items():
        write("layout", name, b"\0".join(files))


def requirement_corpus():
    """The first byte: r requirement, m marker, v version, s specifier and a version in the next line."""
    for i, text in enumerate((b"Foo.Bar[Sec_Urity,tests] (>=1.0, <2) ; os_name == 'posix'",
                              b"a @ https://x/y;z ; python_version in '3.9 3.11'", b"a===1.0,!=2.*,~=1.4.5a4,",
                              b"a; (extra == 'X' or 'x' not in sys.platform) and python_full_version >= '3.8'")):
        write("requirement", f"requirement-{i}", b"r" + text)
    for i, text in enumerate((b"os_name == 'p\\x6fsix' and implementation_version ~= '3.9'",
                              b"((platform_release < '6.2'))or'a' in platform_version", b"extra != \"\\u00e9\"")):
        write("requirement", f"marker-{i}", b"m" + text)
    for i, text in enumerate((b"1!2.0rc1.post2.dev3+local.07", b"v1.0-ALPHA_1", b"1.0a.-5")):
        write("requirement", f"version-{i}", b"v" + text)
    for i, text in enumerate((b">=1.0,!=1.1.*,~=1.0,<3,>0\n1.5", b"==1.0+a.1\n1.0+A-01", b"===any thing\n1")):
        write("requirement", f"specifier-{i}", b"s" + text)


def installed_corpus():
    """The first byte: m METADATA, j direct_url.json, d a directory's files with 0 between them."""
    metadata = (b"Metadata-Version: 2.1\nName: a\nVersion: 1\nRequires-Dist: b (>=1)\nRequires-Dist: c\n"
                b"  ; extra == 'x'\nProvides-Extra: x\n\nText\n")
    direct = b'{"url": "https://x/\\u00e9\\ud83d\\udc0d", "dir_info": {"editable": true}, "n": [1, -2e3, null]}'
    record = b'a.py,sha256=x,1\r\n"b,c",,\r\n'
    write("installed", "metadata", b"m" + metadata)
    write("installed", "direct-url", b"j" + direct)
    write("installed", "directory", b"d" + b"\0".join((
        metadata, record, direct, b"Name: b\nVersion: 2\n", b"a[x]\n[x]\nc\n[y:os_name=='nt']\nd\n",
        b"../b.py\nPKG-INFO\n", b"x\n", b"Name: c\nVersion: 3.0.dev1\nRequires-Dist: c[x]>=2\n")))


def requirements_file_corpus():
    """Files called a, b ... with 0 between them."""
    for name, texts in {
        "usual": (b"# c\n-i https://x/${A}\nflask>=3 \\\n  --hash=sha256:aa # c\n-r b\n-c ./c\n-e .[x]\n", b"b\n", b"c<2\n"),
        "cycle": (b"-r b\n", b"-r c\n", b"-r ../x/../a\n"),
        "quotes": (b"-f 'a b' --pre \"c\\\"d\" e\\ f\n./x.whl\nhttps://x/y\nn @ file:///x\n",),
        "utf-16": ("caf\u00e9 \U0001f40d\n".encode("utf-16"),), "latin-1": (b"# -*- coding: latin-1 -*-\n\xe9\n",),
        "lines": (b"a\r\nb\rc\x0bd\x0ce\x1cf\xc2\x85g\xe2\x80\xa8h\\",),
    }.items():
        write("requirements_file", name, b"\0".join(texts))


if __name__ == "__main__":
    cfg_corpus()
    cache_corpus()
    inflate_corpus()
    zip_corpus()
    wheel_corpus()
    layout_corpus()
    requirement_corpus()
    installed_corpus()
    requirements_file_corpus()
