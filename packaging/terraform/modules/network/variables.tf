# SPDX-License-Identifier: MIT
variable "name" {
  description = "Begins the names of all that this module makes."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", var.name)) && length(var.name) >= 2 && length(var.name) <= 20
    error_message = "The name is 2 to 20 lower-case letters and digits, with single hyphens between them, and begins with a letter."
  }
}

variable "cidr" {
  description = "Addresses of the VPC. Each zone gets two sixteenths of it: a public and a private subnet."
  type        = string
  default     = "10.0.0.0/16"

  validation {
    condition     = can(cidrhost(var.cidr, 0)) && try(tonumber(split("/", var.cidr)[1]), 32) <= 22
    error_message = "The CIDR is an IPv4 network of at least /22, as 10.0.0.0/16: the balancer needs 8 free addresses in each subnet."
  }
}

variable "zones" {
  description = "Availability zones to use: 2 or 3."
  type        = number
  default     = 2

  validation {
    condition     = contains([2, 3], var.zones)
    error_message = "The balancer needs 2 zones, and a third is of use; more are not."
  }
}

variable "nat_gateways" {
  description = "one: the cheapest, and a single point of failure for what instances fetch; per-zone: one in each zone."
  type        = string
  default     = "one"

  validation {
    condition     = contains(["one", "per-zone"], var.nat_gateways)
    error_message = "nat_gateways is one or per-zone."
  }
}

variable "interface_endpoints" {
  description = "AWS services that instances reach without the NAT gateway, as [\"ssm\", \"ssmmessages\", \"logs\", \"secretsmanager\"]. Each is charged by the hour and zone."
  type        = set(string)
  default     = []
}

variable "flow_logs" {
  description = "Days that flow logs are kept, and the KMS key that encrypts them."
  type = object({
    retention_days = optional(number, 365)
    kms_key_arn    = string
  })
}
