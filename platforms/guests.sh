#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
# Fetches what the tests with Debian guests run: Debian's kernels and a static busybox for arm64 and amd64, to
#   ${AXEBPF_GUESTS:-${XDG_CACHE_HOME:-$HOME/.cache}/axebpf/guests}/{arm64,amd64}
# The system's own architectures and lists of packages stay as they are; apt checks the signatures. Silent and
# quick when all is there. "rm -r" of that directory undoes it.
set -eu

guests=${AXEBPF_GUESTS:-${XDG_CACHE_HOME:-$HOME/.cache}/axebpf/guests}

# download PACKAGE: the .deb is then $work/PACKAGE.deb.
download() {
	# shellcheck disable=SC2086 # a list of options
	(cd "$work/debs" && apt-get $options download "$1")
	mv "$work/debs/$1"_*.deb "$work/$1.deb"
	echo "$(dpkg-deb -f "$work/$1.deb" Package) $(dpkg-deb -f "$work/$1.deb" Version)" >>"$work/files/versions"
}

# fetch ARCH NAME=METAPACKAGE...: a kernel as NAME for each, which is a metapackage's dependency.
fetch() {
	arch=$1
	shift
	[ ! -f "$guests/$arch/versions" ] || return 0
	echo "guests: fetching Debian's $arch kernel and busybox" >&2
	mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/debs" "$work/tree" "$work/files"
	options="-qq -oAPT::Architecture=$arch -oAPT::Architectures=$arch -oAPT::Sandbox::User=root
		-oDir::State::Lists=$work/lists -oDir::Cache=$work/cache"
	# shellcheck disable=SC2086
	apt-get $options update
	for kernel in "$@"; do
		# shellcheck disable=SC2086
		package=$(apt-cache $options depends "${kernel#*=}" | sed -n 's/^ *Depends: \(linux-image-[^ ]*\).*/\1/p' | head -n 1)
		download "$package"
		dpkg-deb --fsys-tarfile "$work/$package.deb" | tar -x -C "$work/tree" --wildcards './boot/vmlinuz-*'
		mv "$work/tree/boot"/vmlinuz-* "$work/files/${kernel%%=*}"
	done
	download busybox-static
	dpkg-deb --fsys-tarfile "$work/busybox-static.deb" | tar -x -C "$work/tree" ./bin/busybox
	mv "$work/tree/bin/busybox" "$work/files/busybox"
	mkdir -p "$guests"
	rm -rf "${guests:?}/$arch"
	mv "$work/files" "$guests/$arch"
	rm -rf "${work:?}"/*
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fetch arm64 kernel-cloud=linux-image-cloud-arm64 kernel-generic=linux-image-arm64
fetch amd64 kernel-cloud=linux-image-cloud-amd64
