# SPDX-License-Identifier: MIT
output "page" {
  description = "The chat page for browsers."
  value       = "https://${var.domain}/client"
}

output "url" {
  description = "For parlor, parlor-cli and other clients."
  value       = "wss://${var.domain}/ws"
}

output "balancer_dns_name" {
  description = "Without zone_id: what the domain is to be a CNAME of."
  value       = module.alb.dns_name
}

output "target_group_arn" {
  description = "For aws elbv2 describe-target-health."
  value       = module.alb.target_group_arn
}

output "autoscaling_group_name" {
  description = "For aws autoscaling describe-instance-refreshes."
  value       = module.servers.autoscaling_group_name
}

output "launch_template_version" {
  description = "The version of the servers."
  value       = module.servers.launch_template_version
}

output "security_group_id" {
  description = "The servers' security group, for rules of your own."
  value       = module.servers.security_group_id
}

output "log_group" {
  description = "For aws logs tail."
  value       = module.observability.server_log_group.name
}

output "dashboard" {
  description = "The CloudWatch dashboard."
  value       = "https://console.aws.amazon.com/cloudwatch/home?region=${var.region}#dashboards/dashboard/${module.observability.dashboard_name}"
}
