# SPDX-License-Identifier: MIT
"""The servers' user data against cloud-init's own schema.

usage: userdata.py FOLDER
FOLDER gets Debian's package of cloud-init, unpacked: an installed one would run at each boot of a developer's machine.
Exits with 77 where it cannot be had.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile


def skip(text):
    print(text)
    sys.exit(77)


if not shutil.which("terraform"):
    skip("terraform is not installed: the user data cannot be rendered")
from rendered import user_data  # noqa: E402

folder = pathlib.Path(sys.argv[1])
program = ["cloud-init"]
environment = dict(os.environ)
if not shutil.which("cloud-init"):
    unpacked = folder / "unpacked"
    if not unpacked.exists():
        folder.mkdir(parents=True, exist_ok=True)
        fetched = subprocess.run(["apt-get", "download", "-qq", "-o", "APT::Sandbox::User=", "cloud-init"], cwd=folder,
                                 capture_output=True, text=True)
        packages = list(folder.glob("cloud-init_*.deb"))
        if fetched.returncode != 0 or not packages:
            skip(f"apt-get cannot download cloud-init: {fetched.stderr.strip()}")
        subprocess.run(["dpkg-deb", "-x", packages[0], unpacked], check=True)
    program = ["/usr/bin/python3", "-m", "cloudinit.cmd.main"]
    environment["PYTHONPATH"] = str(unpacked / "usr/lib/python3/dist-packages")
    missing = subprocess.run([*program, "--version"], env=environment, capture_output=True, text=True)
    if missing.returncode != 0:
        skip(f"cloud-init lacks a module of Python: {missing.stderr.strip().splitlines()[-1]}")


def faults(text):
    """What cloud-init says against it; "" if it is valid."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(text)
        file.flush()
        answer = subprocess.run([*program, "schema", "--config-file", file.name], env=environment, capture_output=True,
                                text=True)
    return "" if answer.returncode == 0 and "Valid" in answer.stdout else answer.stdout + answer.stderr


config = user_data()
problem = faults(config)
if problem:
    sys.exit(f"cloud-init does not accept the user data:\n{problem}")
for planted in (config.replace('"package_upgrade": true', '"package_upgrade": "often"'),
                config.replace('"path":', '"file":'), config.replace("#cloud-config", "#cloud")):
    if planted == config or not faults(planted):
        sys.exit("cloud-init accepts user data with a fault that was planted")
print("cloud-init accepts the user data, and refuses each of 3 with a fault")
