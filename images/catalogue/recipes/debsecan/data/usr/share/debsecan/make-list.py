"""Writes what the security updates of this Debian fix, as the security tracker would send it to debsecan.

For each package that has an update, the change log in the update names the vulnerabilities, and the version
that fixed them is the entry's that names it.
"""

import gzip
import os
import re
import subprocess
import sys
import tempfile
import zlib

ENTRY = re.compile(r"^\S+ \(([^)]+)\)", re.MULTILINE)


def output(*command, **options):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, **options).stdout


def newer(version, other):
    return subprocess.run(["dpkg", "--compare-versions", version, "gt", other], check=False).returncode == 0


def change_log(package, folder):
    """The change log of the newest version of the package."""
    output("apt-get", "download", package, cwd=folder)
    (archive,) = os.listdir(folder)
    files = os.path.join(folder, "files")
    output("dpkg-deb", "-x", os.path.join(folder, archive), files)
    for name in ("changelog.Debian.gz", "changelog.gz"):
        path = os.path.join(files, "usr/share/doc", package, name)
        if os.path.isfile(path):
            with gzip.open(path, "rt", encoding="utf-8", errors="replace") as file:
                return file.read()
    return ""


def fixes(package, installed):
    """Pairs of a vulnerability and the version that fixes it, of all that is newer than what is installed."""
    with tempfile.TemporaryDirectory() as folder:
        log = change_log(package, folder)
    starts = list(ENTRY.finditer(log))
    found = {}
    for start, end in zip(starts, starts[1:] + [None]):
        version = start.group(1)
        if not newer(version, installed):
            break
        for name in re.findall(r"CVE-\d{4}-\d{4,}", log[start.end() : end.start() if end else len(log)]):
            found[name] = version
    return found


def main(path):
    upgrades = re.findall(r"^Inst (\S+) \[([^\]]+)\]", output("apt-get", "-s", "dist-upgrade", text=True), re.MULTILINE)
    rows = sorted((name, package, fixed) for package, old in upgrades for name, fixed in fixes(package, old).items())
    if not rows:
        sys.exit("No security update fixes anything here.")
    names = sorted({name for name, _, _ in rows})
    numbers = {name: number for number, name in enumerate(names)}
    lines = ["VERSION 1", *(f"{name},,fixed by a security update of Debian" for name in names), ""]
    # B: a binary package; no urgency; whether it can be exploited from afar is not known; F: there is a fix.
    lines += [*(f"{package},{numbers[name]},B ?F,{fixed}," for name, package, fixed in rows), "", ""]
    with open(path, "wb") as file:
        file.write(zlib.compress("\n".join(lines).encode()))
    print(f"{len(names)} vulnerabilities in {len({package for _, package, _ in rows})} packages")


main(sys.argv[1])
