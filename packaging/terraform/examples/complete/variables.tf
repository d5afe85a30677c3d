# SPDX-License-Identifier: MIT
variable "region" {
  description = "AWS region, as eu-central-1."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "A region looks like eu-central-1."
  }
}

variable "name" {
  description = "Begins the names of all that is made; another name is another deployment beside this one."
  type        = string
  default     = "parlor"
}

variable "tags" {
  description = "Tags of all that is made, beside Application, Deployment and ManagedBy."
  type        = map(string)
  default     = {}
}

variable "domain" {
  description = "The name that clients use, as chat.example.org."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9-]+\\.)+[a-z]{2,}$", var.domain))
    error_message = "The domain is a host name in lower case, as chat.example.org."
  }
}

variable "zone_id" {
  description = "The Route 53 zone that holds the domain. It gets the certificate's proof and the balancer's alias."
  type        = string
  default     = null
}

variable "certificate_arn" {
  description = "Without zone_id: a certificate for the domain that is in ACM already. You point the domain to the balancer yourself (CNAME)."
  type        = string
  default     = null

  validation {
    condition     = (var.certificate_arn == null) != (var.zone_id == null)
    error_message = "Give one of zone_id and certificate_arn."
  }
}

variable "packages" {
  description = "Debian packages to install: where each is (https:// or s3://BUCKET/KEY) and its SHA-256."
  type = object({
    parlor_server    = object({ url = string, sha256 = string })
    ssm_agent        = object({ url = string, sha256 = string })
    cloudwatch_agent = object({ url = string, sha256 = string })
  })
}

variable "debian" {
  description = "Debian's version that the packages were built for: 13 or 12."
  type        = number
  default     = 13
}

variable "architecture" {
  description = "amd64 or arm64."
  type        = string
  default     = "amd64"
}

variable "zones" {
  description = "Availability zones: 2 or 3."
  type        = number
  default     = 2
}

variable "nat_gateways" {
  description = "one or per-zone."
  type        = string
  default     = "one"
}

variable "instance_type" {
  description = "Size of a server."
  type        = string
  default     = "t3.small"
}

variable "size" {
  description = "Least and largest number of servers."
  type        = object({ min = number, max = number })
  default     = { min = 2, max = 6 }
}

variable "connections_per_server" {
  description = "Connections of a server that the group is scaled to."
  type        = number
  default     = 5000
}

# The one place of these two: the balancer's deregistration delay, the hook, and the unit's TimeoutStopSec follow.
variable "drain" {
  description = "--drain-delay and --drain-timeout, in seconds: two health checks, and the time in which clients are sent elsewhere."
  type        = object({ delay = number, timeout = number })
  default     = { delay = 25, timeout = 60 }
}

variable "stickiness" {
  description = "Seconds of a client's stickiness; 0: none, since the servers share the cache."
  type        = number
  default     = 0
}

variable "cache_node_type" {
  description = "Size of a cache node."
  type        = string
  default     = "cache.t4g.small"
}

variable "alarm_emails" {
  description = "Addresses that are told of alarms."
  type        = set(string)
  default     = []
}

variable "environment" {
  description = "More options of the server, as PARLOR_* variables."
  type        = map(string)
  default     = {}
}

variable "protected" {
  description = "Whether the balancer is protected from deletion, and destroy leaves a snapshot and a recoverable secret. For a trial: false."
  type        = bool
  default     = true
}
