# SPDX-License-Identifier: MIT
# terraform init && terraform test, without an account.

mock_provider "aws" {
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:eu-central-1:000000000000:key/0" }
  }
  mock_resource "aws_secretsmanager_secret" {
    defaults = { id = "arn:aws:secretsmanager:eu-central-1:000000000000:secret:parlor" }
  }
}

mock_provider "random" {
  mock_resource "random_password" {
    defaults = { result = "not-so-random-but-long-enough" }
  }
}

variables {
  name           = "parlor"
  vpc_id         = "vpc-0"
  subnet_ids     = ["subnet-0", "subnet-1"]
  log_group_name = "/parlor/cache"
}

run "messages_survive_a_node" {
  assert {
    condition     = aws_elasticache_replication_group.this.num_cache_clusters == 2 && aws_elasticache_replication_group.this.automatic_failover_enabled
    error_message = "A replica takes over."
  }

  assert {
    condition     = one(aws_elasticache_parameter_group.this.parameter).value == "noeviction"
    error_message = "A full cache refuses, and throws nothing away."
  }
}

run "a_cache_without_a_replica_is_refused" {
  command = plan

  variables {
    replicas = 0
  }

  expect_failures = [var.replicas]
}
