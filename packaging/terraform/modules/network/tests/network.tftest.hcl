# SPDX-License-Identifier: MIT
# terraform init && terraform test, without an account.

mock_provider "aws" {
  mock_data "aws_availability_zones" {
    defaults = { names = ["eu-central-1a", "eu-central-1b", "eu-central-1c"] }
  }
  mock_data "aws_region" {
    defaults = { region = "eu-central-1" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::000000000000:role/flow" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-central-1:000000000000:log-group:/parlor/flow" }
  }
}

variables {
  name      = "parlor"
  flow_logs = { kms_key_arn = "arn:aws:kms:eu-central-1:000000000000:key/0" }
}

run "one_way_out" {
  assert {
    condition     = length(aws_nat_gateway.this) == 1 && length(aws_route.nat) == 2
    error_message = "Both zones use one NAT gateway."
  }

  assert {
    condition     = length(distinct(concat([for subnet in aws_subnet.public : subnet.cidr_block], [for subnet in aws_subnet.private : subnet.cidr_block]))) == 4
    error_message = "Subnets do not share addresses."
  }
}

run "a_way_out_of_each_zone" {
  variables {
    zones        = 3
    nat_gateways = "per-zone"
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 3 && length(aws_subnet.private) == 3
    error_message = "Each of three zones has its NAT gateway."
  }
}

run "four_zones_are_refused" {
  command = plan

  variables {
    zones = 4
  }

  expect_failures = [var.zones]
}
