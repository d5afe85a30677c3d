# SPDX-License-Identifier: MIT
output "dns_name" {
  description = "The balancer's own name. Clients use the certificate's, which is an alias of it."
  value       = aws_lb.this.dns_name
}

output "zone_id" {
  description = "For an alias record in Route 53."
  value       = aws_lb.this.zone_id
}

output "security_group_id" {
  description = "The balancer's security group."
  value       = aws_security_group.alb.id
}

output "target_group_arn" {
  description = "The servers' target group."
  value       = aws_lb_target_group.this.arn
}

output "metric_dimensions" {
  description = "How CloudWatch names balancer and target group."
  value = {
    LoadBalancer = aws_lb.this.arn_suffix
    TargetGroup  = aws_lb_target_group.this.arn_suffix
  }
}

output "deregistration_delay" {
  description = "Seconds after which the balancer cuts what is left of a server that it drains."
  value       = local.deregistration_delay
}

output "access_log_bucket" {
  description = "The bucket of access logs."
  value       = aws_s3_bucket.access_logs.id
}
