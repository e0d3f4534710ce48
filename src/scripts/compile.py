# Compiles modules to bytecode as pip does when it installs them: timestamps checked, or hashes where
# SOURCE_DATE_EPOCH is set (PEP 552), no optimization, what doesn't compile left out. Run with -I -S by
# the interpreter that will import them. Arguments: the directory, modules to be imported afterwards as
# a trial (with commas between them, or ""), then the modules' paths in the directory; or '--from' and a
# file with each path and the one that tracebacks are to show, a NUL behind each.
import gc
import marshal
import os
import sys
from importlib.util import MAGIC_NUMBER, cache_from_source
try:
    from importlib.util import source_hash
except ImportError:  # before Python 3.7
    pass


def pack32(number):
    return (number & 0xFFFFFFFF).to_bytes(4, 'little')


def modules():
    if sys.argv[3:4] != ['--from']:
        return [(name, name) for name in sys.argv[3:]]
    with open(sys.argv[4], 'rb') as file:
        texts = list(map(os.fsdecode, file.read().split(b'\0')))
    return list(zip(texts[:-1:2], texts[1::2]))


def compile_module(root, name, shown):
    path = os.path.join(root, name)
    status = os.stat(path)
    with open(path, 'rb') as file:
        source = file.read()
    try:
        code = compile(source, shown, 'exec', dont_inherit=True)
    except Exception:
        return
    flags = pack32(0) if sys.version_info >= (3, 7) else b''
    if flags and os.environ.get('SOURCE_DATE_EPOCH'):
        header = MAGIC_NUMBER + pack32(3) + source_hash(source)
    else:
        header = MAGIC_NUMBER + flags + pack32(int(status.st_mtime)) + pack32(status.st_size)
    target = cache_from_source(path, optimization='')
    try:
        os.mkdir(os.path.dirname(target))
    except FileExistsError:
        pass
    with open(target + '.new', 'wb') as file:  # whole when another process imports it
        file.write(header + marshal.dumps(code))
    os.replace(target + '.new', target)


def try_to_import(root, names):
    sys.dont_write_bytecode = True  # other processes are still compiling
    sys.path.insert(0, root)
    try:
        for name in names.split(','):
            __import__(name)
    except Exception as error:
        sys.exit('it does not run there: %s: %s' % (type(error).__name__, error))


gc.disable()
try:
    for module, shown in modules():
        compile_module(sys.argv[1], module, shown)
    if sys.argv[2]:
        try_to_import(sys.argv[1], sys.argv[2])
except OSError as error:  # a full disk, say: one line that whoever runs this can show
    sys.exit(': '.join(part for part in (error.filename, error.strerror) if part))
