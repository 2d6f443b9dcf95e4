# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""A reference hypervisor that runs in QEMU, the same for both architectures: qemu.start() makes one."""

import contextlib
import signal
import subprocess
import tempfile

from platforms.reference import package
from platforms.reference import shmring

SHARED_MEMORY = 64 << 20

_files = []


def package_file(vms, files=None):
    """A package as a temporary file, which goes with us: its path."""
    _files.append(tempfile.NamedTemporaryFile(prefix="axebpf-"))
    package.write(_files[-1].name, vms, files)
    return _files[-1].name


def shared_memory():
    """A file to be shared with the hypervisor, of SHARED_MEMORY bytes, which goes with us: its path."""
    _files.append(tempfile.NamedTemporaryFile(prefix="axebpf-"))
    _files[-1].truncate(SHARED_MEMORY)
    return _files[-1].name


class Machine:
    """The process, with the serial line on its pipes. With memory= its stream is copied to the file stream."""

    def __init__(self, command, status_of, cwd=None, memory=None, stream=None):
        self.status_of = status_of
        self.reader = shmring.Reader(memory, stream) if memory else None
        if self.reader:
            self.reader.start()
        self.process = subprocess.Popen(command, cwd=cwd, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT)

    def is_running(self):
        return self.process.poll() is None

    def type(self, text):
        """Keys to the serial line; lost when the machine has ended."""
        try:
            self.process.stdin.write(text.encode("ascii"))
            self.process.stdin.flush()
        except BrokenPipeError:
            pass

    @contextlib.contextmanager
    def paused(self):
        """The machine stands still meanwhile; its time too."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def end(self):
        """Wait for the end: the status that the hypervisor gave."""
        self.process.wait()
        self._stop_reader()
        return self.status_of(self.process.returncode)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self._stop_reader()
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        self.process.stdout.close()

    def _stop_reader(self):
        if self.reader:
            reader, self.reader = self.reader, None
            reader.stop()
