# Compiles modules to bytecode as pip does when it installs them: timestamps checked (PEP 552), no
# optimization, what doesn't compile left out. Run with -I -S by the interpreter that will import
# them. Arguments: the directory, modules to be imported afterwards as a trial (with commas between
# them, or ""), then the modules' paths in the directory.
import gc
import marshal
import os
import sys
from importlib.util import MAGIC_NUMBER, cache_from_source


def pack32(number):
    return (number & 0xFFFFFFFF).to_bytes(4, 'little')


def compile_module(root, name):
    path = os.path.join(root, name)
    status = os.stat(path)
    with open(path, 'rb') as file:
        source = file.read()
    try:
        code = compile(source, name, 'exec', dont_inherit=True)
    except (SyntaxError, UnicodeDecodeError, ValueError):
        return
    flags = pack32(0) if sys.version_info >= (3, 7) else b''
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
    for module in sys.argv[3:]:
        compile_module(sys.argv[1], module)
    if sys.argv[2]:
        try_to_import(sys.argv[1], sys.argv[2])
except OSError as error:  # a full disk, say: one line that whoever runs this can show
    sys.exit(': '.join(part for part in (error.filename, error.strerror) if part))
