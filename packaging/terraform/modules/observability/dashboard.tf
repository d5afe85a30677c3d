# SPDX-License-Identifier: MIT
locals {
  # Each row: what its panels show, and the metrics of each: [namespace, metric, dimensions…, how].
  panels = [
    { title = "Connections of a server", unit = "Connections", metrics = [
      ["Parlor", "parlor_connections", "AutoScalingGroupName", var.group_name, { stat = "Average", label = "average" }],
      ["Parlor", "parlor_connections", "AutoScalingGroupName", var.group_name, { stat = "Maximum", label = "fullest" }],
    ] },
    { title = "Connections, all", unit = "Connections", metrics = [
      ["Parlor", "parlor_connections", "AutoScalingGroupName", var.group_name, { stat = "Sum", label = "servers" }],
      ["AWS/ApplicationELB", "ActiveConnectionCount", "LoadBalancer", var.balancer_dimensions.LoadBalancer, { stat = "Sum", label = "balancer" }],
    ] },
    { title = "Servers", unit = "Servers", metrics = [
      ["AWS/ApplicationELB", "HealthyHostCount", "TargetGroup", var.balancer_dimensions.TargetGroup, "LoadBalancer", var.balancer_dimensions.LoadBalancer, { stat = "Minimum", label = "healthy" }],
      ["AWS/ApplicationELB", "UnHealthyHostCount", "TargetGroup", var.balancer_dimensions.TargetGroup, "LoadBalancer", var.balancer_dimensions.LoadBalancer, { stat = "Maximum", label = "unhealthy" }],
      ["AWS/AutoScaling", "GroupDesiredCapacity", "AutoScalingGroupName", var.group_name, { stat = "Maximum", label = "wanted" }],
      ["AWS/AutoScaling", "GroupTerminatingInstances", "AutoScalingGroupName", var.group_name, { stat = "Maximum", label = "draining" }],
    ] },
    { title = "Messages a minute", unit = "Messages", metrics = [
      ["Parlor", "parlor_messages_in_total", "AutoScalingGroupName", var.group_name, { stat = "Sum", label = "in" }],
      ["Parlor", "parlor_deliveries_total", "AutoScalingGroupName", var.group_name, { stat = "Sum", label = "deliveries" }],
      ["Parlor", "parlor_store_failures_total", "AutoScalingGroupName", var.group_name, { stat = "Sum", label = "refused by the cache" }],
      ["Parlor", "parlor_rate_limited_total", "AutoScalingGroupName", var.group_name, { stat = "Sum", label = "refused as too many" }],
    ] },
    { title = "CPU of servers", unit = "Percent", metrics = [
      ["AWS/EC2", "CPUUtilization", "AutoScalingGroupName", var.group_name, { stat = "Average", label = "average" }],
      ["AWS/EC2", "CPUUtilization", "AutoScalingGroupName", var.group_name, { stat = "Maximum", label = "busiest" }],
    ] },
    { title = "Memory of the server process", unit = "Bytes", metrics = [
      ["Parlor", "process_resident_memory_bytes", "AutoScalingGroupName", var.group_name, { stat = "Maximum", label = "largest" }],
      ["Parlor", "parlor_queue_bytes", "AutoScalingGroupName", var.group_name, { stat = "Maximum", label = "waiting for slow clients" }],
    ] },
    { title = "Errors", unit = "Answers a minute", metrics = [
      ["AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", "TargetGroup", var.balancer_dimensions.TargetGroup, "LoadBalancer", var.balancer_dimensions.LoadBalancer, { stat = "Sum", label = "5xx of servers" }],
      ["AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", "LoadBalancer", var.balancer_dimensions.LoadBalancer, { stat = "Sum", label = "5xx of the balancer" }],
      ["AWS/ApplicationELB", "TargetConnectionErrorCount", "TargetGroup", var.balancer_dimensions.TargetGroup, "LoadBalancer", var.balancer_dimensions.LoadBalancer, { stat = "Sum", label = "connections that failed" }],
      ["AWS/ApplicationELB", "RejectedConnectionCount", "LoadBalancer", var.balancer_dimensions.LoadBalancer, { stat = "Sum", label = "rejected clients" }],
    ] },
    { title = "New connections a minute", unit = "Connections", metrics = [
      ["AWS/ApplicationELB", "NewConnectionCount", "LoadBalancer", var.balancer_dimensions.LoadBalancer, { stat = "Sum", label = "new" }],
      ["AWS/ApplicationELB", "ConsumedLCUs", "LoadBalancer", var.balancer_dimensions.LoadBalancer, { stat = "Maximum", label = "LCUs (what is charged)", yAxis = "right" }],
    ] },
    { title = "Memory of the cache", unit = "Percent", metrics = [for node in var.cache_node_ids :
      ["AWS/ElastiCache", "DatabaseMemoryUsagePercentage", "CacheClusterId", node, { stat = "Maximum", label = node }]
    ] },
    { title = "CPU of the cache", unit = "Percent", metrics = [for node in var.cache_node_ids :
      ["AWS/ElastiCache", "EngineCPUUtilization", "CacheClusterId", node, { stat = "Average", label = node }]
    ] },
    { title = "Replicas behind", unit = "Seconds", metrics = [for node in var.cache_node_ids :
      ["AWS/ElastiCache", "ReplicationLag", "CacheClusterId", node, { stat = "Maximum", label = node }]
    ] },
    { title = "Servers that reach the cache", unit = "1: all do", metrics = [
      ["Parlor", "parlor_redis_up", "AutoScalingGroupName", var.group_name, { stat = "Minimum", label = "least" }],
    ] },
  ]

  dashboard = {
    widgets = [for index, panel in local.panels : {
      type   = "metric"
      x      = index % 3 * 8
      y      = floor(index / 3) * 6
      width  = 8
      height = 6
      properties = {
        title   = panel.title
        region  = local.region
        view    = "timeSeries"
        period  = 60
        metrics = panel.metrics
        yAxis   = { left = { min = 0, label = panel.unit, showUnits = false } }
      }
    }]
  }
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name
  dashboard_body = jsonencode(local.dashboard)
}
