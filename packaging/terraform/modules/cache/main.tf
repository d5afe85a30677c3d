# SPDX-License-Identifier: MIT
# Valkey as ElastiCache has it: a primary and replicas in other zones, no cluster mode, no append-only file.

locals {
  family = "valkey${split(".", var.engine_version)[0]}"
  # ElastiCache names nodes in this way. Known before they are made, so that alarms can be counted in a plan.
  node_ids = [for number in range(var.replicas + 1) : format("%s-%03d", var.name, number + 1)]
}

resource "aws_kms_key" "this" {
  #checkov:skip=CKV2_AWS_64:The default policy leaves access to IAM, where the servers' role has it
  description             = "Messages of ${var.name} at rest, and the token of its cache"
  enable_key_rotation     = true
  deletion_window_in_days = 7
}

resource "aws_security_group" "cache" {
  name_prefix = "${var.name}-cache-"
  description = "The cache of ${var.name}; nothing leaves it"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-cache" }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_elasticache_subnet_group" "this" {
  name        = var.name
  description = "Private subnets of ${var.name}"
  subnet_ids  = var.subnet_ids
}

# ElastiCache's own group has volatile-lru: a full cache would throw keys away and tell nobody.
resource "aws_elasticache_parameter_group" "this" {
  name        = "${var.name}-${local.family}"
  family      = local.family
  description = "Refuses messages when memory is full"

  parameter {
    name  = "maxmemory-policy"
    value = "noeviction"
  }

  lifecycle {
    create_before_destroy = true
  }
}

# The token stands in Terraform's state, too: keep the state where only those who may read the messages can read it.
resource "random_password" "token" {
  length  = 64
  special = false
}

resource "aws_secretsmanager_secret" "token" {
  #checkov:skip=CKV2_AWS_57:ElastiCache's token is changed by apply (docs/chapters/4-deployment.md), which both sides must follow
  name_prefix             = "${var.name}-cache-token-"
  description             = "The token of the cache of ${var.name}"
  kms_key_id              = aws_kms_key.this.arn
  recovery_window_in_days = var.secret_recovery_days
}

resource "aws_secretsmanager_secret_version" "token" {
  secret_id     = aws_secretsmanager_secret.token.id
  secret_string = random_password.token.result
}

resource "aws_elasticache_replication_group" "this" {
  replication_group_id = var.name
  description          = "Messages of ${var.name}"

  engine               = "valkey"
  engine_version       = var.engine_version
  node_type            = var.node_type
  parameter_group_name = aws_elasticache_parameter_group.this.name
  port                 = 6379

  num_cache_clusters         = var.replicas + 1
  automatic_failover_enabled = true
  multi_az_enabled           = true
  subnet_group_name          = aws_elasticache_subnet_group.this.name
  security_group_ids         = [aws_security_group.cache.id]

  at_rest_encryption_enabled = true
  kms_key_id                 = aws_kms_key.this.arn
  transit_encryption_enabled = true
  transit_encryption_mode    = "required"
  auth_token                 = random_password.token.result
  auth_token_update_strategy = "ROTATE"

  snapshot_retention_limit   = var.snapshot_days
  snapshot_window            = "02:00-03:00"
  maintenance_window         = "sun:03:30-sun:04:30"
  auto_minor_version_upgrade = true
  apply_immediately          = false
  final_snapshot_identifier  = var.final_snapshot ? "${var.name}-final" : null

  log_delivery_configuration {
    destination      = var.log_group_name
    destination_type = "cloudwatch-logs"
    log_format       = "json"
    log_type         = "slow-log"
  }

  log_delivery_configuration {
    destination      = var.log_group_name
    destination_type = "cloudwatch-logs"
    log_format       = "json"
    log_type         = "engine-log"
  }
}
