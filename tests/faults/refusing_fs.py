"""A file system that hands on to another directory and refuses what it is told to:

    refusing_fs.py BELOW MOUNT_POINT [CALL=ERRNO ...]

CALL: symlink, link, utimens, chmod, chown, mkdir, create, rename, unlink, read, xattr.
read=EIO:N refuses reads that reach beyond N bytes; read=SHORT:N ends them there, although the
size is what it is. modes=0777: every file has that mode, as on a share. names=NFD: names are kept
and listed in that form, whichever they are asked for by, as macOS' HFS+ does; remembered=0 then: the
kernel asks for each anew, as it would know a file that is gone under one name by the other. Needs
fusepy (python3-fusepy).
"""

import errno
import os
import stat
import sys
import unicodedata

import fusepy


class Refusing(fusepy.Operations):
    def __init__(self, below, refusals):
        self.below = os.path.realpath(below)
        self.refusals = refusals

    def __call__(self, call, path, *arguments):
        self.refuse(call)
        if call in ('link', 'rename'):
            arguments = (self.kept(arguments[0]),)
        return super().__call__(call, self.kept(path), *arguments)

    def kept(self, path):
        form = self.refusals.get('names')
        return self.below + (unicodedata.normalize(form, path) if form else path)

    def refuse(self, call):
        refused = self.refusals.get(call)
        if refused and ':' not in refused:
            raise fusepy.FuseOSError(getattr(errno, refused))

    def access(self, path, mode):
        if not os.access(path, mode):
            raise fusepy.FuseOSError(errno.EACCES)

    def getattr(self, path, handle=None):
        status = os.lstat(path)
        found = {key: getattr(status, key) for key in (
            'st_atime', 'st_ctime', 'st_mtime', 'st_gid', 'st_uid', 'st_mode', 'st_nlink', 'st_size')}
        if 'modes' in self.refusals and not stat.S_ISLNK(status.st_mode):
            found['st_mode'] = stat.S_IFMT(status.st_mode) | int(self.refusals['modes'], 8)
        return found

    def readdir(self, path, handle):
        return ['.', '..', *os.listdir(path)]

    def readlink(self, path):
        return os.readlink(path)

    def symlink(self, path, target):
        os.symlink(target, path)

    def link(self, path, source):
        os.link(source, path)

    def rename(self, old, new):
        os.rename(old, new)

    def chmod(self, path, mode):
        os.chmod(path, mode)

    def chown(self, path, user, group):
        os.chown(path, user, group)

    def mkdir(self, path, mode):
        os.mkdir(path, mode)
        os.chmod(path, mode)

    def rmdir(self, path):
        os.rmdir(path)

    def unlink(self, path):
        os.unlink(path)

    def utimens(self, path, times=None):
        os.utime(path, times)

    def statfs(self, path):
        found = os.statvfs(path)
        return {key: getattr(found, key) for key in (
            'f_bavail', 'f_bfree', 'f_blocks', 'f_bsize', 'f_favail', 'f_ffree', 'f_files',
            'f_flag', 'f_frsize', 'f_namemax')}

    def open(self, path, flags):
        return os.open(path, flags)

    def create(self, path, mode, info=None):
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode)
        os.fchmod(handle, mode)
        return handle

    def read(self, path, size, offset, handle):
        kind, _, start = self.refusals.get('read', '').partition(':')
        if start and offset + size > int(start):
            if kind != 'SHORT':
                raise fusepy.FuseOSError(getattr(errno, kind))
            size = max(0, int(start) - offset)
        return os.pread(handle, size, offset)

    def write(self, path, data, offset, handle):
        return os.pwrite(handle, data, offset)

    def truncate(self, path, length, handle=None):
        os.truncate(path, length)

    def flush(self, path, handle):
        return 0

    def release(self, path, handle):
        os.close(handle)

    def fsync(self, path, data_only, handle):
        os.fsync(handle)

    def _no_attributes(self, *arguments):
        raise fusepy.FuseOSError(errno.ENOTSUP)

    getxattr = listxattr = setxattr = removexattr = _no_attributes


if __name__ == '__main__':
    os.umask(0)
    below, place, *words = sys.argv[1:]
    refused = dict(word.split('=', 1) for word in words)
    seconds = float(refused.get('remembered', 1))
    fusepy.FUSE(Refusing(below, refused), place, foreground=True, nothreads=True, allow_other=True,
                default_permissions=True, entry_timeout=seconds, attr_timeout=seconds)
