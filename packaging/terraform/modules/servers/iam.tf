# SPDX-License-Identifier: MIT
# What a server may do in AWS: read its packages and its secret, write its logs, ask the balancer about itself, tell the
# group that it is ready, and be reached by Session Manager. There is no SSH.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  region    = data.aws_region.current.region
  partition = data.aws_partition.current.partition
  group_arn = "arn:${local.partition}:autoscaling:${local.region}:${data.aws_caller_identity.current.account_id}:autoScalingGroup:*:autoScalingGroupName/${var.group_name}"
  objects   = [for package in var.packages : "arn:${local.partition}:s3:::${trimprefix(package.url, "s3://")}" if startswith(package.url, "s3://")]
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "server" {
  #checkov:skip=CKV_AWS_356:DescribeTargetHealth knows no resources
  dynamic "statement" {
    for_each = length(local.objects) > 0 ? [local.objects] : []

    content {
      sid       = "Packages"
      actions   = ["s3:GetObject"]
      resources = statement.value
    }
  }

  statement {
    sid       = "CacheToken"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [var.cache.token_secret_arn]
  }

  statement {
    sid       = "CacheTokenKey"
    actions   = ["kms:Decrypt"]
    resources = [var.cache.kms_key_arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["secretsmanager.${local.region}.amazonaws.com"]
    }
  }

  statement {
    sid     = "Logs"
    actions = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
    resources = [
      "${var.observability.server_log_group.arn}:*",
      "${var.observability.metrics_log_group.arn}:*",
    ]
  }

  statement {
    sid       = "Launched"
    actions   = ["autoscaling:CompleteLifecycleAction"]
    resources = [local.group_arn]
  }

  # DescribeTargetHealth knows no resources.
  #trivy:ignore:AWS-0057
  statement {
    sid       = "OwnTarget"
    actions   = ["elasticloadbalancing:DescribeTargetHealth"]
    resources = ["*"]
  }
}

resource "aws_iam_role" "server" {
  name_prefix        = "${var.name}-server-"
  description        = "Servers of ${var.name}"
  assume_role_policy = data.aws_iam_policy_document.assume.json
}

resource "aws_iam_role_policy" "server" {
  name   = "server"
  role   = aws_iam_role.server.id
  policy = data.aws_iam_policy_document.server.json
}

resource "aws_iam_role_policy_attachment" "session_manager" {
  role       = aws_iam_role.server.name
  policy_arn = "arn:${local.partition}:iam::aws:policy/AmazonSSMManagedInstanceCore"
}

resource "aws_iam_instance_profile" "server" {
  name_prefix = "${var.name}-server-"
  role        = aws_iam_role.server.name
}
