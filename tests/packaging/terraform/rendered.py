# SPDX-License-Identifier: MIT
"""What Terraform makes of a module's locals, without a provider: terraform console over a copy of files that name none."""

import functools
import json
import pathlib
import re
import shutil
import subprocess
import tempfile

TERRAFORM = pathlib.Path(__file__).resolve().parents[3] / "packaging/terraform"

PACKAGE = {"url": "s3://bucket/folder/name_1.0_amd64.deb", "sha256": "0123456789abcdef" * 4}
VALUES = {
    "alb": {
        "name": "parlor", "vpc_id": "vpc", "subnet_ids": ["a", "b"], "certificate_arn": "arn:certificate",
        "drain": {"delay": 25, "timeout": 60},
    },
    "cache": {"name": "parlor", "vpc_id": "vpc", "subnet_ids": ["a", "b"], "log_group_name": "/parlor/cache"},
    "network": {"name": "parlor", "flow_logs": {"kms_key_arn": "arn:key"}},
    "observability": {
        "name": "parlor", "group_name": "parlor-servers", "max_servers": 6,
        "balancer_dimensions": {"LoadBalancer": "app/parlor/1", "TargetGroup": "targetgroup/parlor/2"},
        "cache_node_ids": ["parlor-001", "parlor-002"],
    },
    "servers": {
        "name": "parlor", "group_name": "parlor-servers",
        "network": {"vpc_id": "vpc", "cidr": "10.0.0.0/16", "subnet_ids": ["a", "b"]},
        "balancer": {"security_group_id": "sg", "target_group_arn": "arn:aws:elasticloadbalancing:x:1:targetgroup/t/1",
                     "deregistration_delay": 100},
        "cache": {"url": "rediss://master.parlor.example.cache.amazonaws.com:6379", "port": 6379,
                  "security_group_id": "sg", "token_secret_arn": "arn:secret", "kms_key_arn": "arn:key"},
        "observability": {"server_log_group": {"name": "/parlor/servers", "arn": "arn:log"},
                          "metrics_log_group": {"name": "/parlor/metrics", "arn": "arn:metrics"},
                          "deploy_alarm_names": ["parlor-no-server"]},
        "packages": {"parlor_server": PACKAGE, "ssm_agent": PACKAGE, "cloudwatch_agent": PACKAGE},
        "drain": {"delay": 25, "timeout": 60},
    },
}
# The files whose locals need no resource.
FILES = {"alb": ["main.tf"], "cache": ["main.tf"], "network": [], "observability": ["alarms.tf", "dashboard.tf"],
         "servers": ["metrics.tf", "userdata.tf"]}
STUB = 'locals {\n  region = "eu-central-1"\n}\n'


class Refused(Exception):
    """Terraform does not take the values; the text is what it says."""


def console(module, expression, **changes):
    """The expression's value, as Python has it. Changes are other values of the module's variables."""
    return json.loads(evaluated(module, expression, json.dumps(VALUES[module] | changes)))


@functools.cache
def evaluated(module, expression, values):
    source = TERRAFORM / "modules" / module
    with tempfile.TemporaryDirectory(prefix="parlor-") as name:
        folder = pathlib.Path(name)
        for file in ["variables.tf"] + FILES[module]:
            text = (source / file).read_text()
            # terraform fmt has it that a block ends with a brace in the first column.
            text = re.sub(r'^(?:resource|data) "[^\n]*\{\n.*?^\}\n', "", text, flags=re.M | re.S)
            (folder / file).write_text(text)
        if module in ("observability", "servers"):
            (folder / "stub.tf").write_text(STUB)
        if (source / "files").exists():
            shutil.copytree(source / "files", folder / "files")
        (folder / "terraform.tfvars.json").write_text(values)
        answer = subprocess.run(["terraform", f"-chdir={name}", "console"], input=f"jsonencode({expression})\n",
                                capture_output=True, text=True, timeout=60)
    if answer.returncode != 0 or "Error: " in answer.stderr:
        raise Refused(answer.stderr)
    return json.loads(answer.stdout.strip().splitlines()[-1])


def user_data(**changes):
    return console("servers", "local.user_data", **changes)
