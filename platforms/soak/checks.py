# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""What must hold after each round of the soak, of what "vm list --json" and "trace stat --json" say."""

import json


class SoakError(Exception):
    """What went wrong."""


def json_lines(text):
    return [json.loads(line) for line in text.split("\n") if line.startswith("{")]


def state(vms, name):
    return next((vm["state"] for vm in vms if vm.get("name") == name), None)


def check_round(vms, stat, free_before):
    """Nothing runs, nothing is lost, no memory is gone. Returns how much is free."""
    for vm in vms:
        if vm.get("state") in ("running", "failed"):
            raise SoakError(f"{vm['name']} {vm['state']}")
    rings = [line for line in stat if "cpu" in line]
    if not rings:
        raise SoakError(f"trace stat says nothing of the rings: {stat}")
    for ring in rings:
        if ring["dropped"]:
            raise SoakError(f"cpu{ring['cpu']} lost {ring['dropped']} events")
        if ring["attempts"] != ring["committed"] + ring["dropped"]:
            raise SoakError(f"cpu{ring['cpu']} does not add up: {ring}")
    free = next((line["free"] for line in vms if "free" in line), 0)
    if free_before is not None and free != free_before:
        raise SoakError(f"{free} bytes are free, {free_before} were after the first round")
    return free
