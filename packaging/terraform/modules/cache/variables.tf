# SPDX-License-Identifier: MIT
variable "name" {
  description = "Begins the names of all that this module makes."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", var.name)) && length(var.name) >= 2 && length(var.name) <= 20
    error_message = "The name is 2 to 20 lower-case letters and digits, with single hyphens between them, and begins with a letter."
  }
}

variable "vpc_id" {
  description = "The VPC of the servers."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets, one for each node at least."
  type        = list(string)
}

variable "node_type" {
  description = "Size of a node. All messages are in its memory: docs/operating.md, \"Memory\"."
  type        = string
  default     = "cache.t4g.small"

  validation {
    condition     = can(regex("^cache\\.[a-z0-9]+\\.[a-z0-9]+$", var.node_type))
    error_message = "A node type looks like cache.t4g.small."
  }
}

variable "replicas" {
  description = "Copies beside the primary, in other zones. Without one a node that fails takes all messages with it."
  type        = number
  default     = 1

  validation {
    condition     = var.replicas >= 1 && var.replicas <= 5
    error_message = "There are 1 to 5 replicas: ElastiCache keeps no append-only file, so that the replica is what a message survives by."
  }
}

variable "engine_version" {
  description = "Valkey's version: 8.0 or later."
  type        = string
  default     = "8.1"

  validation {
    condition     = can(regex("^([89]|[1-9][0-9])\\.[0-9]+$", var.engine_version))
    error_message = "The engine version is MAJOR.MINOR of Valkey 8 or later."
  }
}

variable "snapshot_days" {
  description = "Days that the daily snapshot is kept."
  type        = number
  default     = 7

  validation {
    condition     = var.snapshot_days >= 1 && var.snapshot_days <= 35
    error_message = "Snapshots are kept for 1 to 35 days."
  }
}

variable "final_snapshot" {
  description = "Whether destroy leaves a last snapshot, NAME-final, which is charged until it is deleted."
  type        = bool
  default     = true
}

variable "log_group_name" {
  description = "Log group of the slow log and the engine's log."
  type        = string
}

variable "secret_recovery_days" {
  description = "Days in which a deleted secret can be had back; 0: it is gone at once."
  type        = number
  default     = 7

  validation {
    condition     = var.secret_recovery_days == 0 || (var.secret_recovery_days >= 7 && var.secret_recovery_days <= 30)
    error_message = "Secrets Manager keeps a deleted secret for 7 to 30 days, or not at all (0)."
  }
}
