#!/bin/busybox sh
# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
# The first process of a Linux guest. The kernel's command line says what it does:
#   axb.run=all,boot,symbols,work,outside:GPA  checks, then power off       (without: a shell)
/bin/busybox mkdir -p /proc /sys /dev /tmp
/bin/busybox --install -s /bin
export PATH=/bin HOME=/ PS1='guest# '
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev 2>/dev/null
run=
for word in $(cat /proc/cmdline); do
	case $word in
	axb.run=*) run=${word#axb.run=} ;;
	esac
done

all() {
	echo "cpus: $(grep -c '^processor' /proc/cpuinfo)"
	check syscalls 1000
	check breakpoints
	check steps 50
	check exiting
	check traced
	check pingpong 2000
	sh -c 'i=0; while [ $i -lt 300 ]; do i=$((i + 1)); done; echo "loop: $i"'
	seq 1 20000 | md5sum
}

# The text symbols of the kernel itself, which lines with four words are not.
symbols() {
	awk 'NF == 3 && $2 ~ /[tTwW]/' /proc/kallsyms >/tmp/symbols
	echo "symbols: $(wc -l </tmp/symbols) $(md5sum </tmp/symbols)"
	grep ' _stext$' /tmp/symbols
}

# A fixed amount of work without a pause, so long that one tick more or less does not show; the kernel's clock
# tells how long it took.
work() {
	stty sane # waits for the line
	echo "<0>work: begin" >/dev/kmsg
	check syscalls 100000 >/dev/null
	check pingpong 2500 >/dev/null
	i=0
	while [ $i -lt 150 ]; do
		i=$((i + 1))
		/bin/busybox true
	done
	seq 1 100000 | md5sum >/dev/null
	echo "<0>work: end" >/dev/kmsg
}

echo "guest: Linux is up"
for what in $(echo "$run" | tr , ' '); do
	case $what in
	all) all ;;
	boot) ;;
	symbols) symbols ;;
	work) work ;;
	outside:*) check outside "${what#outside:}" ;;
	*) echo "guest: nobody knows $what" ;;
	esac
	echo "guest: $what done"
done
if [ -n "$run" ]; then
	# Waits until the line has sent all that was written.
	stty sane
	poweroff -f
fi
exec setsid cttyhack sh
