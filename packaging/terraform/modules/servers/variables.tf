# SPDX-License-Identifier: MIT
variable "name" {
  description = "Begins the names of all that this module makes."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", var.name)) && length(var.name) >= 2 && length(var.name) <= 20
    error_message = "The name is 2 to 20 lower-case letters and digits, with single hyphens between them, and begins with a letter."
  }
}

variable "group_name" {
  description = "The Auto Scaling group's name. Alarms and metrics carry it before the group is there."
  type        = string
}

variable "network" {
  description = "The VPC, its addresses, and private subnets with a way out (NAT)."
  type = object({
    vpc_id     = string
    cidr       = string
    subnet_ids = list(string)
  })
}

variable "balancer" {
  description = "The balancer's security group and the target group of the servers."
  type = object({
    security_group_id    = string
    target_group_arn     = string
    deregistration_delay = number
  })
}

variable "cache" {
  description = "The Redis or Valkey that the servers share, and the secret that holds its token."
  type = object({
    url               = string
    port              = number
    security_group_id = string
    token_secret_arn  = string
    kms_key_arn       = string
    wait              = optional(number, 1)
  })
}

variable "observability" {
  description = "Log groups, and the alarms that stop a deploy."
  type = object({
    server_log_group   = object({ name = string, arn = string })
    metrics_log_group  = object({ name = string, arn = string })
    deploy_alarm_names = list(string)
  })
}

variable "packages" {
  description = "Debian packages to install: where each is (https:// or s3://BUCKET/KEY) and its SHA-256. The agents are the vendor's; Debian has none."
  type = object({
    parlor_server    = object({ url = string, sha256 = string })
    ssm_agent        = object({ url = string, sha256 = string })
    cloudwatch_agent = object({ url = string, sha256 = string })
  })

  validation {
    condition     = alltrue([for package in var.packages : can(regex("^(https|s3)://[^/ ]+/[^ ]+\\.deb$", package.url))])
    error_message = "Each url is https://HOST/PATH.deb or s3://BUCKET/KEY.deb."
  }

  validation {
    condition     = alltrue([for package in var.packages : can(regex("^[0-9a-f]{64}$", package.sha256))])
    error_message = "Each sha256 is what sha256sum prints: 64 hexadecimal digits in lower case."
  }
}

variable "debian" {
  description = "Debian's version: 13 or 12. The packages must be built for it."
  type        = number
  default     = 13

  validation {
    condition     = contains([12, 13], var.debian)
    error_message = "Debian is 12 or 13."
  }
}

variable "architecture" {
  description = "amd64 or arm64, as the packages and the instance type."
  type        = string
  default     = "amd64"

  validation {
    condition     = contains(["amd64", "arm64"], var.architecture)
    error_message = "The architecture is amd64 or arm64."
  }
}

variable "ami_id" {
  description = "An image to use instead of Debian's newest: one that was made from it."
  type        = string
  default     = null
}

variable "instance_type" {
  description = "Size of a server."
  type        = string
  default     = "t3.small"
}

variable "size" {
  description = "Least and largest number of servers. Policies choose between them."
  type = object({
    min = number
    max = number
  })
  default = { min = 2, max = 6 }

  validation {
    condition     = var.size.min >= 1 && var.size.max > var.size.min
    error_message = "min is at least 1, and max is more: a deploy needs room for one more server."
  }
}

variable "connections_per_server" {
  description = "Connections of a server, on average, that the group is scaled to."
  type        = number
  default     = 5000

  validation {
    condition     = var.connections_per_server >= 10
    error_message = "connections_per_server is at least 10."
  }
}

variable "cpu_percent" {
  description = "CPU of a server, on average, that the group is scaled to."
  type        = number
  default     = 60

  validation {
    condition     = var.cpu_percent >= 10 && var.cpu_percent <= 90
    error_message = "cpu_percent is 10 to 90."
  }
}

variable "drain" {
  description = "--drain-delay and --drain-timeout, in seconds."
  type = object({
    delay   = number
    timeout = number
  })

  validation {
    condition     = var.balancer.deregistration_delay >= var.drain.delay + var.drain.timeout + 15
    error_message = "The deregistration delay is shorter than delay, timeout and 15 s: the balancer would cut clients that the server has not moved yet."
  }
}

variable "ask_balancer" {
  description = "Whether instances ask the balancer, too, if it drains them. It costs half a second of CPU each 9 s."
  type        = bool
  default     = true
}

variable "environment" {
  description = "More options of the server, as variables: { PARLOR_MAX_ROOMS = \"1000\" }."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name, value in var.environment : can(regex("^PARLOR_[A-Z_]+$", name)) && can(regex("^[^\"\\\\\n]*$", value))])
    error_message = "Names look like PARLOR_MAX_ROOMS, and values have no quotes, backslashes or line breaks."
  }
}
