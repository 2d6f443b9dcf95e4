#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
# guests_test.sh ARCH=there|missing...: says why tests with Debian guests are skipped, and how to have them run.
set -eu
status=0
for word in "$@"; do
	case $word in
	*=there) echo "The Debian guest for ${word%=*} is there." ;;
	*=missing)
		echo "The Debian guest for ${word%=*} is missing, so its tests are skipped. To get it:"
		echo "    sh platforms/guests.sh && bazel shutdown"
		;;
	*) status=1 ;;
	esac
done
exit $status
