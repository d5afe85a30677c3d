# SPDX-License-Identifier: MIT
variable "name" {
  description = "Begins the names of all that this module makes."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", var.name)) && length(var.name) >= 2 && length(var.name) <= 20
    error_message = "The name is 2 to 20 lower-case letters and digits, with single hyphens between them, and begins with a letter."
  }
}

variable "log_retention_days" {
  description = "Days that CloudWatch keeps logs."
  type        = number
  default     = 365

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "CloudWatch knows 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, … days."
  }
}

variable "alarm_emails" {
  description = "Addresses that are told of alarms. Each gets a mail to confirm."
  type        = set(string)
  default     = []
}

variable "balancer_dimensions" {
  description = "How CloudWatch names balancer and target group."
  type = object({
    LoadBalancer = string
    TargetGroup  = string
  })
}

variable "group_name" {
  description = "The Auto Scaling group's name."
  type        = string
}

variable "max_servers" {
  description = "The group's largest size."
  type        = number
}

variable "cache_node_ids" {
  description = "The cache's nodes."
  type        = list(string)
}
