# SPDX-License-Identifier: MIT
# terraform init && terraform test, without an account.

mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "000000000000" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_region" {
    defaults = { region = "eu-central-1" }
  }
  mock_data "aws_default_tags" {
    defaults = { tags = { Application = "parlor" } }
  }
  mock_resource "aws_launch_template" {
    defaults = { id = "lt-0", latest_version = 7 }
  }
  mock_resource "aws_iam_instance_profile" {
    defaults = { arn = "arn:aws:iam::000000000000:instance-profile/parlor" }
  }
}

variables {
  name       = "parlor"
  group_name = "parlor-servers"
  network    = { vpc_id = "vpc-0", cidr = "10.0.0.0/16", subnet_ids = ["subnet-0", "subnet-1"] }
  balancer = {
    security_group_id    = "sg-0"
    target_group_arn     = "arn:aws:elasticloadbalancing:eu-central-1:000000000000:targetgroup/parlor/0"
    deregistration_delay = 100
  }
  cache = {
    url               = "rediss://cache.example:6379"
    port              = 6379
    security_group_id = "sg-1"
    token_secret_arn  = "arn:aws:secretsmanager:eu-central-1:000000000000:secret:parlor"
    kms_key_arn       = "arn:aws:kms:eu-central-1:000000000000:key/0"
  }
  observability = {
    server_log_group   = { name = "/parlor/servers", arn = "arn:aws:logs:eu-central-1:000000000000:log-group:/parlor/servers" }
    metrics_log_group  = { name = "/parlor/metrics", arn = "arn:aws:logs:eu-central-1:000000000000:log-group:/parlor/metrics" }
    deploy_alarm_names = ["parlor-no-server"]
  }
  packages = {
    parlor_server    = { url = "s3://bucket/parlor-server.deb", sha256 = "0000000000000000000000000000000000000000000000000000000000000000" }
    ssm_agent        = { url = "s3://bucket/ssm.deb", sha256 = "0000000000000000000000000000000000000000000000000000000000000000" }
    cloudwatch_agent = { url = "https://example.org/cloudwatch.deb", sha256 = "0000000000000000000000000000000000000000000000000000000000000000" }
  }
  drain = { delay = 25, timeout = 60 }
}

run "rollback_has_a_version_to_go_back_to" {
  assert {
    condition     = aws_autoscaling_group.this.launch_template[0].version == "7"
    error_message = "The group names a numbered version."
  }

  assert {
    condition     = aws_autoscaling_group.this.instance_refresh[0].preferences[0].auto_rollback
    error_message = "A deploy that fails is rolled back."
  }

  assert {
    condition     = one(aws_autoscaling_group.this.initial_lifecycle_hook).lifecycle_transition == "autoscaling:EC2_INSTANCE_LAUNCHING"
    error_message = "The first instances, too, are waited for."
  }

  assert {
    condition     = aws_autoscaling_lifecycle_hook.terminate.heartbeat_timeout > var.drain.delay + var.drain.timeout
    error_message = "The hook is longer than a drain."
  }

  assert {
    condition     = aws_launch_template.this.metadata_options[0].http_tokens == "required" && aws_launch_template.this.metadata_options[0].http_put_response_hop_limit == 1
    error_message = "Metadata need a token, and do not leave the instance."
  }

  assert {
    condition     = length(local.objects) == 2
    error_message = "The role may read the packages that are in buckets."
  }
}

run "a_balancer_that_cuts_too_soon_is_refused" {
  command = plan

  variables {
    drain = { delay = 25, timeout = 90 }
  }

  expect_failures = [var.drain]
}
