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
  description = "Public subnets, in at least two zones."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "An Application Load Balancer needs subnets in at least two zones."
  }
}

variable "certificate_arn" {
  description = "The certificate of the HTTPS listener (ACM), for the name that clients use."
  type        = string
}

variable "port" {
  description = "Where the servers listen."
  type        = number
  default     = 8000

  validation {
    condition     = var.port > 1023 && var.port < 65536
    error_message = "The port is 1024 to 65535: the server is not root."
  }
}

variable "drain" {
  description = "The servers' --drain-delay and --drain-timeout, in seconds. The deregistration delay follows from it."
  type = object({
    delay   = number
    timeout = number
  })

  validation {
    condition     = var.drain.delay >= 20 && var.drain.timeout >= 1 && var.drain.delay + var.drain.timeout <= 3585
    error_message = "The delay is at least 20 s, two health checks; with the timeout and 15 s more it is at most 3600 s."
  }
}

variable "idle_timeout" {
  description = "Seconds of silence after which the balancer cuts a connection. Parlor pings every 25 s."
  type        = number
  default     = 300

  validation {
    condition     = var.idle_timeout >= 60 && var.idle_timeout <= 4000
    error_message = "The idle timeout is 60 to 4000 s: two pings and more."
  }
}

variable "stickiness" {
  description = "Seconds that a client comes back to the same server; 0: it does not. Servers that share a Redis need no stickiness, and it makes their load less even."
  type        = number
  default     = 0

  validation {
    condition     = var.stickiness >= 0 && var.stickiness <= 604800
    error_message = "Stickiness lasts 0 (off) to 604800 s."
  }
}

variable "client_cidrs" {
  description = "IPv4 networks that may connect."
  type        = set(string)
  default     = ["0.0.0.0/0"]
}

variable "access_log_days" {
  description = "Days that access logs are kept."
  type        = number
  default     = 90
}

variable "deletion_protection" {
  description = "Whether AWS refuses to delete the balancer, and Terraform to empty the bucket of access logs. Set it to false, and apply, before destroy."
  type        = bool
  default     = true
}
