# SPDX-License-Identifier: MIT
# terraform init && terraform test, without an account.

mock_provider "aws" {
  mock_data "aws_availability_zones" {
    defaults = { names = ["eu-central-1a", "eu-central-1b", "eu-central-1c"] }
  }
  mock_data "aws_region" {
    defaults = { region = "eu-central-1" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "000000000000" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
  mock_data "aws_default_tags" {
    defaults = { tags = { Application = "parlor" } }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:eu-central-1:000000000000:key/0" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::000000000000:role/parlor" }
  }
  mock_resource "aws_iam_instance_profile" {
    defaults = { arn = "arn:aws:iam::000000000000:instance-profile/parlor" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-central-1:000000000000:log-group:/parlor/servers" }
  }
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:eu-central-1:000000000000:parlor-alarms" }
  }
  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::parlor" }
  }
  mock_resource "aws_lb" {
    defaults = { arn = "arn:aws:elasticloadbalancing:eu-central-1:000000000000:loadbalancer/app/parlor/0", arn_suffix = "app/parlor/0" }
  }
  mock_resource "aws_lb_target_group" {
    defaults = { arn = "arn:aws:elasticloadbalancing:eu-central-1:000000000000:targetgroup/parlor/0", arn_suffix = "targetgroup/parlor/0" }
  }
  mock_resource "aws_secretsmanager_secret" {
    defaults = { arn = "arn:aws:secretsmanager:eu-central-1:000000000000:secret:parlor", id = "arn:aws:secretsmanager:eu-central-1:000000000000:secret:parlor" }
  }
  mock_resource "aws_launch_template" {
    defaults = { id = "lt-0", latest_version = 1 }
  }
}

mock_provider "random" {
  mock_resource "random_password" {
    defaults = { result = "not-so-random-but-long-enough" }
  }
}

variables {
  region          = "eu-central-1"
  domain          = "chat.example.org"
  certificate_arn = "arn:aws:acm:eu-central-1:000000000000:certificate/0"
  packages = {
    parlor_server    = { url = "s3://bucket/parlor-server.deb", sha256 = "0000000000000000000000000000000000000000000000000000000000000000" }
    ssm_agent        = { url = "s3://bucket/ssm.deb", sha256 = "0000000000000000000000000000000000000000000000000000000000000000" }
    cloudwatch_agent = { url = "s3://bucket/cloudwatch.deb", sha256 = "0000000000000000000000000000000000000000000000000000000000000000" }
  }
}

run "the_whole" {
  assert {
    condition     = output.url == "wss://chat.example.org/ws"
    error_message = "Clients use the domain."
  }

  assert {
    condition     = module.alb.deregistration_delay == var.drain.delay + var.drain.timeout + 15
    error_message = "One variable sets drain and deregistration."
  }
}

run "neither_zone_nor_certificate_is_refused" {
  command = plan

  variables {
    certificate_arn = null
  }

  expect_failures = [var.certificate_arn]
}
