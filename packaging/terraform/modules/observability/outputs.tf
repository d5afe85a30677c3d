# SPDX-License-Identifier: MIT
output "kms_key_arn" {
  description = "The key of logs and alarms."
  value       = aws_kms_key.this.arn
}

output "server_log_group" {
  description = "Where servers log."
  value = {
    name = aws_cloudwatch_log_group.servers.name
    arn  = aws_cloudwatch_log_group.servers.arn
  }
}

output "metrics_log_group" {
  description = "Where the servers' agents write metrics."
  value = {
    name = aws_cloudwatch_log_group.metrics.name
    arn  = aws_cloudwatch_log_group.metrics.arn
  }
}

output "cache_log_group_name" {
  description = "Where the cache logs."
  value       = aws_cloudwatch_log_group.cache.name
}

output "deploy_alarm_names" {
  description = "Alarms that stop a rolling deploy and bring the last version back."
  value       = [for name in local.in_deploy : aws_cloudwatch_metric_alarm.this[name].alarm_name]
}

output "alarm_topic_arn" {
  description = "Where alarms are published."
  value       = aws_sns_topic.alarms.arn
}

output "dashboard_name" {
  description = "The CloudWatch dashboard."
  value       = aws_cloudwatch_dashboard.this.dashboard_name
}
