"""What lies on the disk, told fast, and how two such tellings differ."""

import hashlib
import os
import re
import stat

_hashes = {}  # (device, inode, size, times) -> hash: most files are the same from case to case

OWN = re.compile(r'^\.venv\.hpp-(ensured|used)$')  # says when, by whom, of which files
LEFT_OVER = re.compile(r'venv\.hpp[-.]|\.venv\.hpp|(^|[./-])journal|^pyvenv\.cfg\.new$')


def content_of(path, status):
    """A hash of a file; of bytecode without its source's time, of RECORD in any order."""
    if OWN.match(os.path.basename(path)):
        return 'of its own'
    key = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    if key not in _hashes:
        with open(path, 'rb') as file:
            data = file.read()
        if os.path.basename(path) == 'RECORD':
            data = b''.join(sorted(data.splitlines(True)))
        if path.endswith('.pyc'):
            data = data[:8] + data[16:]
        _hashes[key] = hashlib.sha256(data).hexdigest()[:16]
    return _hashes[key]


def attributes_of(path):
    try:
        names = os.listxattr(path, follow_symlinks=False)
        return tuple((name, os.getxattr(path, name, follow_symlinks=False)) for name in names)
    except OSError:
        return ()


def tell(path, status):
    """(kind, content) and (mode, owner, group, links, time, attributes) of one path."""
    mode = status.st_mode
    time = status.st_mtime_ns
    if stat.S_ISLNK(mode):
        what = 'link to ' + os.readlink(path)
    elif stat.S_ISDIR(mode):
        what, time = 'directory', 0
    elif stat.S_ISREG(mode):
        what = 'file ' + content_of(path, status)
    else:
        what = 'special'
    links = status.st_nlink if not stat.S_ISDIR(mode) else 0
    return what, (stat.S_IMODE(mode), status.st_uid, status.st_gid, links, time,
                  attributes_of(path))


def tree(root):
    """Every path from `root` on; {} where it isn't there."""
    found = {}
    try:
        found['.'] = tell(root, os.lstat(root))
    except OSError:
        return found
    folders = [(root, '')]
    while folders:
        folder, prefix = folders.pop()
        if stat.S_ISLNK(os.lstat(folder).st_mode):
            continue
        try:
            entries = list(os.scandir(folder))
        except NotADirectoryError:
            continue
        for entry in entries:
            name = prefix + entry.name
            found[name] = tell(entry.path, entry.stat(follow_symlinks=False))
            if entry.is_dir(follow_symlinks=False):
                folders.append((entry.path, name + '/'))
    return found


def names_of(found, limit=3):
    found = sorted(found)
    more = len(found) - limit
    return ', '.join(found[:limit]) + (' and %d more' % more if more > 0 else '')


def difference(before, after):
    """How `after` isn't what `before` was, in every respect; None where it is."""
    gone = [name for name in before if name not in after]
    new = [name for name in after if name not in before]
    if gone:
        return 'gone: ' + names_of(gone)
    if new:
        return 'new: ' + names_of(new)
    fields = ('mode', 'owner', 'group', 'hard links', 'time', 'attributes')
    for name, was in before.items():
        if was != after[name]:
            if was[0] != after[name][0]:
                return 'changed: %s: %s, was %s' % (name, after[name][0], was[0])
            differ = ['%s %s, was %s' % (field, now, old) for field, old, now
                      in zip(fields, was[1], after[name][1]) if old != now]
            return 'changed: %s: %s' % (name, '; '.join(differ))
    return None


def left_overs(found):
    names = [(name, os.path.basename(name)) for name in found]
    return [name for name, own in names if LEFT_OVER.search(own) and not OWN.match(own)]


def disagreement(expected, found, with_owners=True):
    """How a working environment isn't what an undisturbed run makes; None where it is. Without
    owners and modes where a file system refused them."""
    left = left_overs(found)
    if left:
        return 'left over: ' + names_of(left)
    missing = [name for name in expected if name not in found]
    if missing:
        return 'missing: ' + names_of(missing)
    more = [name for name in found if name not in expected]
    if more:
        return 'too much: ' + names_of(more)
    for name, (what, facts) in expected.items():
        if what != found[name][0] or (with_owners and facts[:3] != found[name][1][:3]):
            return 'differs: %s: %s %s, expected %s %s' % (name, found[name][0], found[name][1][:3],
                                                           what, facts[:3])
    return None
