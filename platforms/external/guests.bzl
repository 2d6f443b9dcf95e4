# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""@debian_guests: what platforms/guests.sh has fetched, if it has.

Files are @debian_guests//:<arch>_<file>: arm64_kernel-cloud, arm64_kernel-generic, arm64_busybox,
amd64_kernel-cloud, amd64_busybox. Targets that need those of an architecture have
target_compatible_with = guests_of("arm64"), from @debian_guests//:guests.bzl: where nothing was fetched
Bazel skips them. After fetching, "bazel shutdown" makes Bazel look again.
"""

_FILES = {
    "amd64": ["busybox", "kernel-cloud"],
    "arm64": ["busybox", "kernel-cloud", "kernel-generic"],
}

def _directory(rctx):
    env = rctx.os.environ
    if env.get("AXEBPF_GUESTS"):
        return env["AXEBPF_GUESTS"]
    cache = env.get("XDG_CACHE_HOME") or env.get("HOME", "/root") + "/.cache"
    return cache + "/axebpf/guests"

def _debian_guests_impl(rctx):
    directory = _directory(rctx)
    build = ['package(default_visibility = ["//visibility:public"])', 'exports_files(["guests.bzl"])']
    found = {}
    for arch, files in _FILES.items():
        found[arch] = rctx.path("%s/%s/versions" % (directory, arch)).exists
        for name in files:
            label = arch + "_" + name
            if found[arch]:
                rctx.symlink("%s/%s/%s" % (directory, arch, name), "%s/%s" % (arch, name))
                build.append('filegroup(name = "%s", srcs = ["%s/%s"])' % (label, arch, name))
            else:
                build.append('filegroup(name = "%s", srcs = ["missing"])' % label)

    # In place of each file: rules want one also where their target will be skipped.
    rctx.file("missing", "")
    rctx.file("WORKSPACE", 'workspace(name = "debian_guests")\n')
    rctx.file("BUILD", "\n".join(build) + "\n")
    rctx.file("guests.bzl", """
FOUND = %r

def guests_of(arch):
    return [] if FOUND[arch] else ["@//platforms:nowhere"]
""" % found)

debian_guests = repository_rule(
    implementation = _debian_guests_impl,
    environ = ["AXEBPF_GUESTS", "HOME", "XDG_CACHE_HOME"],
    local = True,
)
