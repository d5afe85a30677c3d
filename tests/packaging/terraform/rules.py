# SPDX-License-Identifier: MIT
"""What packaging/terraform promises, as far as it can be read and rendered without a provider.

usage: rules.py PARLOR_SERVER [unittest's options]
"""

import configparser
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

import rendered
from rendered import TERRAFORM, Refused, console, user_data

try:
    import yaml
except ImportError:
    print("python3-yaml is not installed")
    sys.exit(77)

if not shutil.which("terraform"):
    print("terraform is not installed: packaging/terraform is not checked")
    sys.exit(77)

SERVER = None
REPOSITORY = TERRAFORM.parents[1]

# Metrics that AWS publishes, with the dimensions that are used here: CloudWatch metrics for your Application Load
# Balancer; … for EC2; … for Auto Scaling groups; … for ElastiCache.
AWS_METRICS = {
    "AWS/ApplicationELB": {
        "ActiveConnectionCount": {("LoadBalancer",)},
        "ConsumedLCUs": {("LoadBalancer",)},
        "HTTPCode_ELB_5XX_Count": {("LoadBalancer",)},
        "HTTPCode_Target_5XX_Count": {("LoadBalancer",), ("LoadBalancer", "TargetGroup")},
        "HealthyHostCount": {("LoadBalancer", "TargetGroup")},
        "NewConnectionCount": {("LoadBalancer",)},
        "RejectedConnectionCount": {("LoadBalancer",)},
        "TargetConnectionErrorCount": {("LoadBalancer",), ("LoadBalancer", "TargetGroup")},
        "UnHealthyHostCount": {("LoadBalancer", "TargetGroup")},
    },
    "AWS/EC2": {"CPUUtilization": {("AutoScalingGroupName",)}},
    "AWS/AutoScaling": {name: {("AutoScalingGroupName",)} for name in (
        "GroupDesiredCapacity", "GroupInServiceInstances", "GroupPendingInstances", "GroupTerminatingInstances")},
    "AWS/ElastiCache": {name: {("CacheClusterId",)} for name in (
        "DatabaseMemoryUsagePercentage", "EngineCPUUtilization", "ReplicationLag")},
}


def terraform_files():
    return sorted(path for path in TERRAFORM.rglob("*") if path.is_file() and ".terraform" not in path.parts)


def code_of(path):
    """The file without its comments."""
    return re.sub(r"^\s*#.*$", "", path.read_text(), flags=re.M)


class Text(unittest.TestCase):
    def test_it_is_formatted(self):
        answer = subprocess.run(["terraform", "fmt", "-check", "-diff", "-recursive", TERRAFORM], capture_output=True,
                                text=True)
        self.assertEqual(answer.returncode, 0, answer.stdout + answer.stderr)

    def test_terraform_reads_each_module(self):
        with tempfile.TemporaryDirectory(prefix="parlor-") as folder:
            copy = pathlib.Path(folder) / "terraform"
            shutil.copytree(TERRAFORM, copy)
            for example in (copy / "examples").iterdir():
                answer = subprocess.run(["terraform", f"-chdir={example}", "get"], capture_output=True, text=True)
                self.assertEqual(answer.returncode, 0, answer.stderr)
                called = answer.stdout.count(" in ../../modules/")
                self.assertEqual(called, len(list((copy / "modules").iterdir())), answer.stdout)

    def test_nothing_is_written_down_that_should_not_be(self):
        rules = {
            "an image's id": r"\bami-[0-9a-f]{8,17}\b",
            "a time": r"\b(timestamp|plantimestamp)\(",
            "an access key": r"\b(AKIA|ASIA)[0-9A-Z]{16}\b",
            "a private key": r"BEGIN [A-Z ]*PRIVATE KEY",
            "an account's id": r"\b(?!136693071363\b|0{12}\b)\d{12}\b",  # that one is Debian's
            "a password": r"(?i)\b(password|secret|token)\w*\s*=\s*\"(?!arn:)[^\"$%]+\"",
            "a checksum": r"\b(?!0{64}\b)[0-9a-f]{64}\b",
            "SSH": r"(?i)\bkey_name\b|_port\s*=\s*22\b",
            "a newest version": r"\$(Latest|Default)\b",
        }
        for path in terraform_files():
            text = code_of(path).replace("RequireSecret", "")
            for what, rule in rules.items():
                self.assertIsNone(re.search(rule, text), f"{path.relative_to(REPOSITORY)} has {what}")

    def test_findings_are_suppressed_with_a_reason(self):
        count = 0
        for path in TERRAFORM.rglob("*.tf"):
            lines = path.read_text().splitlines()
            for number, line in enumerate(lines):
                where = f"{path.relative_to(REPOSITORY)}:{number + 1}"
                if "checkov:" in line:
                    count += 1
                    self.assertRegex(line, r"^\s+#checkov:skip=CKV2?_AWS_\d+:\S.{10,}$", where)
                    self.assertNotRegex(line, r"^#", f"{where}: checkov looks for it within the block")
                if "trivy:" in line:
                    count += 1
                    self.assertRegex(line, r"^\s*#trivy:ignore:AWS-\d{4}$", where)
                    self.assertRegex(lines[number - 1], r"^\s*# \S.{10,}\.$", f"{where}: the reason is the line above")
                    self.assertRegex(lines[number + 1], r"^\s*(resource|data|statement|dynamic)\b", where)
        self.assertGreater(count, 10)

    def test_security_groups_have_rules_of_their_own(self):
        for path in TERRAFORM.rglob("*.tf"):
            self.assertNotRegex(code_of(path), r"^\s*(ingress|egress)\s*[{=]|\"aws_security_group_rule\"", path)

    def test_policies_name_what_they_allow(self):
        statements = 0
        for path in TERRAFORM.rglob("*.tf"):
            for block in re.findall(r"^( *)statement \{\n(.*?)^\1\}", code_of(path), flags=re.M | re.S):
                statements += 1
                text = block[1]
                name = (re.search(r'sid\s*=\s*"(\w+)"', text) or [None, ""])[1]
                actions = re.findall(r'"([^"]*)"', re.search(r"actions\s*=\s*\[(.*?)\]", text, re.S)[1])
                self.assertTrue(actions, path)
                for action in actions:
                    self.assertRegex(action, r"^[a-z0-9]+:[A-Z*][A-Za-z*]*$", path)
                if "Deny" not in text and name != "Account":
                    self.assertFalse([action for action in actions if action.endswith(":*")], f"{path} {name}")
                if re.search(r'resources\s*=\s*\["\*"\]', text):
                    # A key's policy is about the key; DescribeTargetHealth knows no resources.
                    self.assertTrue("principals" in text or name == "OwnTarget", f"{path} {name}")
        self.assertGreaterEqual(statements, 12)


class Rendered(unittest.TestCase):
    def files(self, **changes):
        config = yaml.safe_load(user_data(**changes))
        return {file["path"]: file["content"] for file in config["write_files"]}

    def test_the_balancer_holds_a_server_until_it_has_moved_its_clients(self):
        for drain in ({"delay": 25, "timeout": 60}, {"delay": 20, "timeout": 600}):
            needed = drain["delay"] + drain["timeout"]
            self.assertEqual(console("alb", "local.deregistration_delay", drain=drain), needed + 15)
            balancer = rendered.VALUES["servers"]["balancer"] | {"deregistration_delay": needed + 15}
            unit = self.files(drain=drain, balancer=balancer)["/etc/systemd/system/parlor-server.service.d/10-aws.conf"]
            stop = int(re.search(r"^TimeoutStopSec=(\d+)s$", unit, re.M)[1])
            self.assertGreater(stop, needed)
            self.assertIn(f'Environment="PARLOR_DRAIN_DELAY={drain["delay"]}s"', unit)
            self.assertIn(f'Environment="PARLOR_DRAIN_TIMEOUT={drain["timeout"]}s"', unit)
        hook = re.search(r'"terminate" \{.*?heartbeat_timeout\s*= ([^\n]*)',
                         (TERRAFORM / "modules/servers/main.tf").read_text(), re.S)[1]
        self.assertEqual(hook, "var.drain.delay + var.drain.timeout + 30")

    def test_the_first_instances_are_waited_for_too(self):
        group = re.search(r'^resource "aws_autoscaling_group".*?^\}', (TERRAFORM / "modules/servers/main.tf").read_text(),
                          re.M | re.S)[0]
        self.assertRegex(group, r"initial_lifecycle_hook \{\n +name += local\.launch_hook\n")

    def test_values_that_make_no_sense_are_refused(self):
        package = rendered.PACKAGE
        for module, change, expected in (
                ("alb", {"drain": {"delay": 10, "timeout": 60}}, "two health checks"),
                ("alb", {"drain": {"delay": 60, "timeout": 3600}}, "at most 3600 s"),
                ("alb", {"subnet_ids": ["a"]}, "at least two zones"),
                ("alb", {"idle_timeout": 30}, "60 to 4000"),
                ("alb", {"port": 80}, "not root"),
                ("network", {"cidr": "10.0.0.0/28"}, "at least /22"),
                ("network", {"zones": 4}, "2 zones"),
                ("network", {"nat_gateways": "none"}, "one or per-zone"),
                ("network", {"name": "Parlor Chat"}, "lower-case"),
                *((module, {"name": name}, "single hyphens") for module in rendered.VALUES
                  for name in ("parlor-", "a--b", "p", "a" * 21)),
                ("cache", {"replicas": 0}, "1 to 5 replicas"),
                ("cache", {"engine_version": "7.1"}, "Valkey 8"),
                ("cache", {"secret_recovery_days": 3}, "7 to 30 days"),
                ("observability", {"log_retention_days": 10}, "CloudWatch knows"),
                ("servers", {"drain": {"delay": 25, "timeout": 61}}, "deregistration delay is shorter"),
                ("servers", {"packages": {each: package | {"url": "http://example.org/x.deb"} for each in
                                          ("parlor_server", "ssm_agent", "cloudwatch_agent")}}, "https://HOST/PATH.deb"),
                ("servers", {"packages": {each: package | {"sha256": "SHA256"} for each in
                                          ("parlor_server", "ssm_agent", "cloudwatch_agent")}}, "64 hexadecimal"),
                ("servers", {"debian": 11}, "12 or 13"),
                ("servers", {"size": {"min": 2, "max": 2}}, "room for one more"),
                ("servers", {"environment": {"PATH": "/"}}, "PARLOR_MAX_ROOMS")):
            with self.subTest(f"{module} {change}"):
                with self.assertRaises(Refused) as refusal:
                    console(module, "1", **change)
                text = re.sub(r"\x1b\[[0-9;]*m|[│╷╵]", "", str(refusal.exception))
                self.assertIn(expected, " ".join(text.split()))

    def test_a_name_may_have_hyphens(self):
        for module in rendered.VALUES:
            for name in ("my-chat-2", "ab", "a" * 20):
                self.assertEqual(console(module, "var.name", name=name), name)

    def test_the_user_data_fit_and_hold_no_secret(self):
        text = user_data()
        self.assertTrue(text.startswith("#cloud-config\n"))
        self.assertLess(len(text.encode()), 12000, "EC2 takes 16384 bytes, and names may be longer")
        self.assertEqual(set(re.findall(r"[0-9a-f]{64}", text)), {rendered.PACKAGE["sha256"]})

    def test_the_server_knows_the_options_of_its_unit(self):
        unit = self.files(environment={"PARLOR_MAX_ROOMS": "1000"})[
            "/etc/systemd/system/parlor-server.service.d/10-aws.conf"]
        with tempfile.TemporaryDirectory(prefix="parlor-") as folder:
            password = pathlib.Path(folder) / "redis"
            password.write_text("word\n")
            password.chmod(0o600)
            variables = dict(line.split("=", 1) for line in re.findall(r'^Environment="(.*)"$', unit, re.M))
            variables = {name: value.replace("%d", folder).replace("%%", "%") for name, value in variables.items()}
            answer = subprocess.run([SERVER, "--check-config"], env={"PATH": os.environ["PATH"], "HOME": folder} | variables,
                                    capture_output=True, text=True)
        self.assertEqual(answer.returncode, 0, answer.stderr)
        self.assertNotIn("no option of this server", answer.stdout + answer.stderr)
        self.assertIn("PARLOR_MAX_ROOMS", variables)
        self.assertIn("LoadCredential=redis:/etc/parlor/redis\n", unit)

    def test_the_log_is_copied_into_the_file_that_the_agent_reads(self):
        files = self.files()
        agent = json.loads(files["/etc/parlor/cloudwatch-agent.json"])
        self.assertEqual(agent["logs"]["logs_collected"]["files"]["collect_list"][0]["file_path"],
                         "/var/log/parlor/server.log")
        unit = files["/etc/systemd/system/parlor-log-file.service"]
        self.assertNotRegex(unit, "(?m)^Standard", "it is opened before LogsDirectory= is made")
        for line in ("LogsDirectory=parlor\n", "WorkingDirectory=%L/parlor\n", "--cursor-file=", ">>server.log"):
            self.assertIn(line, unit)

    def test_units_are_units(self):
        for path, text in self.files().items():
            if path.endswith((".service", ".conf")):
                parser = configparser.ConfigParser(strict=False, interpolation=None, allow_no_value=True)
                parser.optionxform = str
                parser.read_string(text)
                self.assertIn("Service", parser, path)

    def test_an_agent_publishes_metrics_that_a_server_has(self):
        files = self.files()
        agent = json.loads(files["/etc/parlor/cloudwatch-agent.json"])
        scrape = yaml.safe_load(files["/etc/parlor/cloudwatch-prometheus.yaml"])
        labels = scrape["scrape_configs"][0]["static_configs"][0]["labels"]
        declaration = agent["logs"]["metrics_collected"]["prometheus"]["emf_processor"]["metric_declaration"][0]
        for dimension in sum(declaration["dimensions"], []):
            self.assertIn(dimension, labels)
        self.assertRegex(scrape["scrape_configs"][0]["job_name"], declaration["label_matcher"])
        self.assertIn("127.0.0.1:9100", files["/etc/systemd/system/parlor-server.service.d/10-aws.conf"])
        self.assertEqual(scrape["scrape_configs"][0]["static_configs"][0]["targets"], ["127.0.0.1:9100"])
        published = [name.strip("^$") for name in declaration["metric_selectors"]]
        self.assertEqual(published, console("servers", "local.published"))
        there = metrics_of_a_server()
        for name in published:
            self.assertIn(name, there)

    def known(self, namespace, metric, dimensions):
        if namespace == "Parlor":
            self.assertIn(metric, console("servers", "local.published"))
            self.assertEqual(dimensions, {"AutoScalingGroupName": "parlor-servers"})
        else:
            self.assertIn(metric, AWS_METRICS[namespace])
            self.assertIn(tuple(sorted(dimensions)), AWS_METRICS[namespace][metric])
        if namespace == "AWS/AutoScaling":
            group = (TERRAFORM / "modules/servers/main.tf").read_text()
            self.assertIn(f'"{metric}"', re.search(r"enabled_metrics\s*=\s*\[(.*?)\]", group, re.S)[1])

    def test_each_alarm_has_a_metric(self):
        alarms = console("observability", "local.alarms")
        self.assertGreater(len(alarms), 12)
        for name, alarm in alarms.items():
            with self.subTest(name):
                self.known(alarm["namespace"], alarm["metric"], alarm["dimensions"])
                self.assertIn(alarm["statistic"], ("Average", "Maximum", "Minimum", "SampleCount", "Sum"))
                self.assertIn(alarm["comparison"], ("GreaterThanThreshold", "GreaterThanOrEqualToThreshold",
                                                    "LessThanThreshold"))
                self.assertTrue(alarm["description"].endswith("."))
                if alarm["stops_deploy"]:
                    self.assertNotIn("CacheClusterId", alarm["dimensions"])
        self.assertIn("no-server", console("observability", "local.in_deploy"))

    def test_the_dashboard_shows_metrics_that_are_there(self):
        widgets = console("observability", "local.dashboard")["widgets"]
        self.assertEqual(len(widgets), 12)
        places = set()
        for widget in widgets:
            place = (widget["x"], widget["y"])
            self.assertNotIn(place, places)
            places.add(place)
            self.assertLessEqual(widget["x"] + widget["width"], 24)
            self.assertTrue(widget["properties"]["yAxis"]["left"]["label"])
            for metric in widget["properties"]["metrics"]:
                *names, how = metric
                namespace, name, *dimensions = names
                self.assertIn("stat", how)
                with self.subTest(f"{widget['properties']['title']}: {name}"):
                    self.known(namespace, name, dict(zip(dimensions[::2], dimensions[1::2])))

    def test_the_policy_scales_by_a_metric_that_is_published(self):
        text = (TERRAFORM / "modules/servers/main.tf").read_text()
        block = re.search(r"customized_metric_specification \{(.*?)\n    \}", text, re.S)[1]
        self.assertIn("parlor_connections", console("servers", "local.published"))
        for line in ('namespace   = "Parlor"', 'metric_name = "parlor_connections"', 'statistic   = "Average"',
                     'name  = "AutoScalingGroupName"', "value = var.group_name"):
            self.assertIn(line, block)


def metrics_of_a_server():
    """The names of what a server with a Redis has at /metrics."""
    with tempfile.TemporaryDirectory(prefix="parlor-") as name:
        folder = pathlib.Path(name)
        socket, log = folder / "redis.sock", folder / "log"
        redis = subprocess.Popen(["redis-server", "--port", "0", "--unixsocket", socket, "--save", "", "--dir", folder],
                                 stdout=subprocess.DEVNULL)
        try:
            wait_until(socket.exists)
            with open(log, "w", encoding="utf-8") as output:
                server = subprocess.Popen([SERVER, "--listen", "127.0.0.1:0", "--redis", f"unix:{socket}"], stderr=output,
                                          env={"PATH": os.environ["PATH"], "HOME": name})
            try:
                listening = re.compile(r"listening on ws://(127\.0\.0\.1:\d+)")
                wait_until(lambda: listening.search(log.read_text()))
                address = listening.search(log.read_text())[1]
                names = set()

                def complete():
                    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"http://{address}/metrics") as page:
                        names.update(re.findall(r"^(\w+)", page.read().decode(), re.M))
                    return "parlor_redis_up" in names

                wait_until(complete)
                return names
            finally:
                server.kill()
                server.wait()
        finally:
            redis.kill()
            redis.wait()


def wait_until(condition):
    deadline = time.monotonic() + 30
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError("waited 30 s in vain")
        time.sleep(0.02)


if __name__ == "__main__":
    SERVER = sys.argv.pop(1)
    unittest.main()
