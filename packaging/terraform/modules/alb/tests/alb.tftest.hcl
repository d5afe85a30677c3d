# SPDX-License-Identifier: MIT
# terraform init && terraform test, without an account.

mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "000000000000" }
  }
  mock_resource "aws_lb" {
    defaults = { arn = "arn:aws:elasticloadbalancing:eu-central-1:000000000000:loadbalancer/app/parlor/0", arn_suffix = "app/parlor/0" }
  }
  mock_resource "aws_lb_target_group" {
    defaults = { arn = "arn:aws:elasticloadbalancing:eu-central-1:000000000000:targetgroup/parlor/0", arn_suffix = "targetgroup/parlor/0" }
  }
  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::parlor" }
  }
}

variables {
  name            = "parlor"
  vpc_id          = "vpc-0"
  subnet_ids      = ["subnet-0", "subnet-1"]
  certificate_arn = "arn:aws:acm:eu-central-1:000000000000:certificate/0"
  drain           = { delay = 25, timeout = 60 }
}

run "delay_follows_from_the_drain" {
  assert {
    condition     = tonumber(aws_lb_target_group.this.deregistration_delay) == 100
    error_message = "The deregistration delay is delay, timeout and 15 s."
  }

  assert {
    condition     = aws_lb_target_group.this.health_check[0].path == "/ready" && aws_lb_target_group.this.health_check[0].interval == 10
    error_message = "Health is asked of /ready, each 10 s."
  }

  assert {
    condition     = !aws_lb_target_group.this.stickiness[0].enabled
    error_message = "Servers that share a cache need no stickiness."
  }
}

run "plain_http_is_redirected" {
  command = plan

  assert {
    condition     = aws_lb_listener.redirect.default_action[0].type == "redirect"
    error_message = "Port 80 redirects."
  }
}

run "sticky" {
  command = plan

  variables {
    stickiness = 3600
  }

  assert {
    condition     = aws_lb_target_group.this.stickiness[0].enabled && aws_lb_target_group.this.stickiness[0].cookie_duration == 3600
    error_message = "stickiness is the cookie's life."
  }
}

run "a_delay_of_one_health_check_is_refused" {
  command = plan

  variables {
    drain = { delay = 10, timeout = 60 }
  }

  expect_failures = [var.drain]
}
