# SPDX-License-Identifier: MIT
terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.33"
    }
    random = {
      source  = "hashicorp/random"
      version = "~> 3.6"
    }
  }

  # The state holds the cache's token. Keep it in a bucket of its own, encrypted, with a lock:
  #
  #   terraform init -backend-config=bucket=MY-STATE -backend-config=key=parlor -backend-config=region=REGION
  #
  # after taking the # from the next lines.
  # backend "s3" {
  #   encrypt      = true
  #   use_lockfile = true
  # }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = merge({ Application = "parlor", Deployment = var.name, ManagedBy = "terraform" }, var.tags)
  }
}
