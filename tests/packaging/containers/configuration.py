#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the Compose files, HAProxy's configuration and make-secrets say, without a container engine.

configuration.py PARLOR-SERVER PARLOR-CLI
"""
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

try:
    import yaml
except ImportError:
    print("skipped: python3-yaml is not installed")
    sys.exit(77)

SERVER, CLI = sys.argv[1:3]
PACKAGING = Path(__file__).resolve().parents[3] / "packaging"
CONTAINERS = PACKAGING / "containers"
COMPOSE = yaml.safe_load((CONTAINERS / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
DEBIAN = yaml.safe_load((CONTAINERS / "compose.debian.yaml").read_text())


def seconds(text):
    return int(re.fullmatch(r"(\d+)s", text)[1])


class Compose(unittest.TestCase):
    def test_services_may_do_little(self):
        for name, service in SERVICES.items():
            self.assertIs(service["read_only"], True, name)
            self.assertEqual(service["cap_drop"], ["ALL"], name)
            self.assertIn("no-new-privileges:true", service["security_opt"], name)
            self.assertNotIn("privileged", service)
            self.assertNotIn("cap_add", service)
            self.assertNotIn("container_name", service)

    def test_no_service_runs_as_root(self):
        image_user = re.search(r"^USER (\d+)", (CONTAINERS / "Dockerfile").read_text(), re.MULTILINE)[1]
        self.assertNotEqual(image_user, "0")
        for name, service in SERVICES.items():
            if service["image"] != "parlor-cli":
                self.assertNotIn(str(service["user"]).split(":")[0], ("", "0", "root"), name)

    def test_ports_are_of_this_machine_alone(self):
        for name, service in SERVICES.items():
            for port in service.get("ports", []):
                self.assertTrue(port.startswith("127.0.0.1:"), port)
        self.assertNotIn("ports", SERVICES["server"], "a fixed port cannot be scaled")
        self.assertNotIn("ports", SERVICES["redis"])

    def test_images_of_others_have_a_version(self):
        for name, service in SERVICES.items():
            if "build" not in service:
                self.assertRegex(service["image"], r"^docker\.io/[a-z/-]+:v?\d+\.\d+(\.\d+)?$")

    def test_what_is_mounted_is_there(self):
        for name, service in SERVICES.items():
            for mount in service.get("volumes", []):
                source, target, *options = mount.split(":")
                self.assertTrue(target.startswith("/"))
                if source.startswith("."):
                    self.assertEqual(options, ["ro"])
                    self.assertTrue((CONTAINERS / source).exists(), source)
                else:
                    self.assertIn(source, COMPOSE["volumes"])

    def test_each_service_that_stays_is_checked(self):
        for name, service in SERVICES.items():
            if "profiles" not in service and name != "server":
                self.assertIn("healthcheck", service, name)
        self.assertRegex((CONTAINERS / "Dockerfile").read_text(), r"HEALTHCHECK[^\n]*\\\n +CMD \[\"parlor-cli\", \"probe\"")

    def test_server_has_time_to_drain(self):
        server = SERVICES["server"]
        options = dict(option.split("=", 1) for option in server["command"])
        self.assertGreater(seconds(server["stop_grace_period"]),
                           seconds(options["--drain-delay"]) + seconds(options["--drain-timeout"]))

    def test_server_knows_its_options(self):
        done = subprocess.run([SERVER, *SERVICES["server"]["command"], "--check-config"],
                              capture_output=True, text=True, timeout=20)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_load_knows_its_options(self):
        command = list(SERVICES["load"]["command"])
        command[1] = "ws://127.0.0.1:1/ws"
        command[command.index("--stages") + 1] = "1s:1"
        done = subprocess.run([CLI, *command, "--quiet"], capture_output=True, text=True, timeout=30)
        self.assertEqual(done.returncode, 3, done.stderr)  # nobody is there; 2 were an option that it does not know

    def test_secrets_are_files_that_make_secrets_makes(self):
        with tempfile.TemporaryDirectory() as folder:
            script = Path(shutil.copy(CONTAINERS / "make-secrets", folder))

            def make(*options):
                subprocess.run([script, *options], check=True, timeout=20)
                return {path.name: path.read_text() for path in Path(folder, "secrets").iterdir()}

            made = make()
            self.assertEqual(set(made), set(COMPOSE["secrets"]))
            for name, secret in COMPOSE["secrets"].items():
                path = Path(folder, secret["file"])
                self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o640)
                self.assertEqual(stat.S_IMODE(path.parent.stat().st_mode), 0o750)
                self.assertRegex(made[name], r"^[0-9a-f]{48}$")
            self.assertEqual(len(set(made.values())), len(made))
            environment = Path(folder, ".env")
            self.assertEqual(environment.read_text(), f"PARLOR_SECRETS_GROUP={os.getgid()}\n")

            self.assertEqual(make("--rootless"), made, "a second run keeps the passwords")
            self.assertEqual(environment.read_text(), "PARLOR_SECRETS_GROUP=0\n")
            ignored = (CONTAINERS / ".gitignore").read_text().split()
            self.assertIn("secrets/", ignored)
            self.assertIn(".env", ignored)

    def test_services_get_only_secrets_that_there_are(self):
        for name, service in SERVICES.items():
            for secret in service.get("secrets", []):
                self.assertIn(secret, COMPOSE["secrets"])
            for value in service.get("environment", {}).values():
                self.assertNotRegex(str(value), "(?i)password(?!$)")


class DebianCompose(unittest.TestCase):
    def test_it_is_the_same_stack_without_grafana(self):
        self.assertEqual(set(DEBIAN["services"]), set(SERVICES) - {"grafana", "load"})
        for name, service in DEBIAN["services"].items():
            self.assertEqual(service["extends"], {"file": "compose.yaml", "service": name})
            self.assertLessEqual(set(service), {"extends", "image", "build"})

    def test_its_images_are_targets_of_its_file(self):
        targets = set(re.findall(r"^FROM .* AS (\w+)$", (CONTAINERS / "Dockerfile.debian").read_text(), re.MULTILINE))
        wanted = {service["build"]["target"] for service in DEBIAN["services"].values() if "build" in service}
        self.assertEqual(wanted, targets)


class Balancer(unittest.TestCase):
    def test_haproxy_takes_its_configuration(self):
        haproxy = shutil.which("haproxy", path=os.environ.get("PATH", "") + ":/usr/sbin")
        if not haproxy:
            self.skipTest("haproxy is not installed")
        done = subprocess.run([haproxy, "-c", "-f", PACKAGING / "haproxy" / "common.cfg", "-f", CONTAINERS / "haproxy.cfg"],
                              capture_output=True, text=True, timeout=20)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("WARNING", done.stderr)


unittest.main(argv=sys.argv[:1], verbosity=2)
