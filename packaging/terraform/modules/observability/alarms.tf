# SPDX-License-Identifier: MIT
# What somebody should be told. docs/operating.md, "Runbook", says what to do. Metrics of namespace Parlor come from the
# servers' CloudWatch agents, which publish those that modules/servers/metrics.tf lists.

locals {
  group     = { AutoScalingGroupName = var.group_name }
  balancer  = { LoadBalancer = var.balancer_dimensions.LoadBalancer }
  targets   = var.balancer_dimensions
  in_deploy = [for name, alarm in local.alarms : name if alarm.stops_deploy]

  alarms = merge({
    no-server = {
      description  = "No server is healthy: nobody can chat."
      namespace    = "AWS/ApplicationELB", metric = "HealthyHostCount", dimensions = local.targets
      statistic    = "Minimum", comparison = "LessThanThreshold", threshold = 1, minutes = 2
      missing      = "breaching"
      stops_deploy = true
    }
    unhealthy-servers = {
      description  = "A server has failed its health checks for five minutes."
      namespace    = "AWS/ApplicationELB", metric = "UnHealthyHostCount", dimensions = local.targets
      statistic    = "Maximum", comparison = "GreaterThanThreshold", threshold = 0, minutes = 5
      missing      = "notBreaching"
      stops_deploy = true
    }
    server-errors = {
      description  = "Servers answer with 5xx. A draining server refuses newcomers with 503, some a minute."
      namespace    = "AWS/ApplicationELB", metric = "HTTPCode_Target_5XX_Count", dimensions = local.targets
      statistic    = "Sum", comparison = "GreaterThanThreshold", threshold = 100, minutes = 3
      missing      = "notBreaching"
      stops_deploy = true
    }
    balancer-errors = {
      description  = "The balancer itself answers with 5xx: it reaches no server."
      namespace    = "AWS/ApplicationELB", metric = "HTTPCode_ELB_5XX_Count", dimensions = local.balancer
      statistic    = "Sum", comparison = "GreaterThanThreshold", threshold = 20, minutes = 3
      missing      = "notBreaching"
      stops_deploy = true
    }
    connect-errors = {
      description  = "The balancer cannot open connections to servers."
      namespace    = "AWS/ApplicationELB", metric = "TargetConnectionErrorCount", dimensions = local.targets
      statistic    = "Sum", comparison = "GreaterThanThreshold", threshold = 20, minutes = 3
      missing      = "notBreaching"
      stops_deploy = true
    }
    rejected-clients = {
      description  = "The balancer is at its limit of connections and rejects clients."
      namespace    = "AWS/ApplicationELB", metric = "RejectedConnectionCount", dimensions = local.balancer
      statistic    = "Sum", comparison = "GreaterThanThreshold", threshold = 0, minutes = 1
      missing      = "notBreaching"
      stops_deploy = false
    }
    busy = {
      description  = "Servers have been busy for ten minutes: the group does not grow, or not fast enough."
      namespace    = "AWS/EC2", metric = "CPUUtilization", dimensions = local.group
      statistic    = "Average", comparison = "GreaterThanThreshold", threshold = 85, minutes = 10
      missing      = "notBreaching"
      stops_deploy = false
    }
    at-max-size = {
      description  = "The group has its largest size: it cannot grow further."
      namespace    = "AWS/AutoScaling", metric = "GroupDesiredCapacity", dimensions = local.group
      statistic    = "Maximum", comparison = "GreaterThanOrEqualToThreshold", threshold = var.max_servers, minutes = 10
      missing      = "notBreaching"
      stops_deploy = false
    }
    no-metrics = {
      description  = "The servers' agents publish nothing: the group does not scale by connections."
      namespace    = "Parlor", metric = "parlor_connections", dimensions = local.group
      statistic    = "SampleCount", comparison = "LessThanThreshold", threshold = 1, minutes = 10
      missing      = "breaching"
      stops_deploy = false
    }
    cache-away = {
      description  = "A server does not reach the cache: it takes no messages."
      namespace    = "Parlor", metric = "parlor_redis_up", dimensions = local.group
      statistic    = "Minimum", comparison = "LessThanThreshold", threshold = 1, minutes = 3
      missing      = "notBreaching"
      stops_deploy = true
    }
    refused-messages = {
      description  = "Messages were refused: the cache did not take them."
      namespace    = "Parlor", metric = "parlor_store_failures_total", dimensions = local.group
      statistic    = "Sum", comparison = "GreaterThanThreshold", threshold = 0, minutes = 3
      missing      = "notBreaching"
      stops_deploy = true
    }
    },
    { for node in var.cache_node_ids : "${node}-memory" => {
      description  = "The cache is nearly full; a full one refuses messages. Take a larger node, or keep less (--history-max-age)."
      namespace    = "AWS/ElastiCache", metric = "DatabaseMemoryUsagePercentage", dimensions = { CacheClusterId = node }
      statistic    = "Maximum", comparison = "GreaterThanThreshold", threshold = 75, minutes = 5
      missing      = "notBreaching"
      stops_deploy = false
    } },
    { for node in var.cache_node_ids : "${node}-cpu" => {
      description  = "The cache's one thread is busy: messages are late."
      namespace    = "AWS/ElastiCache", metric = "EngineCPUUtilization", dimensions = { CacheClusterId = node }
      statistic    = "Average", comparison = "GreaterThanThreshold", threshold = 80, minutes = 5
      missing      = "notBreaching"
      stops_deploy = false
    } },
    { for node in var.cache_node_ids : "${node}-lag" => {
      description  = "A replica is behind: with --redis-wait messages are acknowledged late, and as not durable."
      namespace    = "AWS/ElastiCache", metric = "ReplicationLag", dimensions = { CacheClusterId = node }
      statistic    = "Maximum", comparison = "GreaterThanThreshold", threshold = 1, minutes = 5
      missing      = "notBreaching"
      stops_deploy = false
  } })
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.description
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  period              = 60
  evaluation_periods  = each.value.minutes
  treat_missing_data  = each.value.missing
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}
