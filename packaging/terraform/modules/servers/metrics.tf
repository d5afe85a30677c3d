# SPDX-License-Identifier: MIT
# The CloudWatch agent of each server scrapes its /metrics, and publishes those below in namespace Parlor, with the group's
# name as their only dimension. So the average of parlor_connections is the connections of a server, which falls as the
# group grows: what target tracking needs. Counters are published as what came since the last scrape.

locals {
  port         = 8000
  metrics_port = 9100

  published = [
    "parlor_connections",
    "parlor_deliveries_total",
    "parlor_messages_in_total",
    "parlor_queue_bytes",
    "parlor_rate_limited_total",
    "parlor_redis_up",
    "parlor_store_failures_total",
    "process_resident_memory_bytes",
  ]

  scrape = {
    global = { scrape_interval = "60s", scrape_timeout = "10s" }
    scrape_configs = [{
      job_name     = "parlor"
      sample_limit = 10000
      static_configs = [{
        targets = ["127.0.0.1:${local.metrics_port}"]
        labels  = { AutoScalingGroupName = var.group_name }
      }]
    }]
  }

  agent = {
    agent = { run_as_user = "cwagent" }
    logs = {
      logs_collected = { files = { collect_list = [{
        file_path       = "/var/log/parlor/server.log"
        log_group_name  = var.observability.server_log_group.name
        log_stream_name = "{instance_id}"
      }] } }
      metrics_collected = { prometheus = {
        cluster_name           = var.name
        log_group_name         = var.observability.metrics_log_group.name
        prometheus_config_path = "/etc/parlor/cloudwatch-prometheus.yaml"
        emf_processor = {
          metric_declaration_dedup = true
          metric_namespace         = "Parlor"
          metric_declaration = [{
            source_labels    = ["job"]
            label_matcher    = "^parlor$"
            dimensions       = [["AutoScalingGroupName"]]
            metric_selectors = [for name in local.published : "^${name}$"]
          }]
        }
      } }
    }
  }
}
