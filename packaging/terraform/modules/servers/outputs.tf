# SPDX-License-Identifier: MIT
output "autoscaling_group_name" {
  description = "The servers' group."
  value       = aws_autoscaling_group.this.name
}

output "launch_template_version" {
  description = "The version that the group has, or is moving to."
  value       = aws_launch_template.this.latest_version
}

output "security_group_id" {
  description = "The servers' security group, for rules of your own."
  value       = aws_security_group.servers.id
}

output "role_arn" {
  description = "What servers are to AWS: a bucket of packages in another account must let it in."
  value       = aws_iam_role.server.arn
}
