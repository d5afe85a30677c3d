# SPDX-License-Identifier: MIT
# What cloud-init does on a new instance: it writes these files, installs Debian's packages, and runs parlor-install.

locals {
  launch_hook = "${var.name}-launch"

  cloud_config = {
    package_update  = true
    package_upgrade = true
    packages        = ["awscli", "ca-certificates", "curl"]

    write_files = [
      {
        path        = "/usr/local/sbin/parlor-install"
        permissions = "0755"
        content     = file("${path.module}/files/parlor-install")
      },
      {
        path = "/etc/parlor/install.env"
        content = templatefile("${path.module}/files/install.env.tftpl", {
          region      = local.region
          packages    = var.packages
          secret      = var.cache.token_secret_arn
          port        = local.port
          group       = var.group_name
          launch_hook = local.launch_hook
        })
      },
      {
        path = "/etc/parlor/aws-drain.env"
        content = templatefile("${path.module}/files/aws-drain.env.tftpl", {
          region           = local.region
          target_group_arn = var.ask_balancer ? var.balancer.target_group_arn : ""
        })
      },
      {
        path = "/etc/systemd/system/parlor-server.service.d/10-aws.conf"
        content = templatefile("${path.module}/files/10-aws.conf.tftpl", {
          stop_seconds = var.drain.delay + var.drain.timeout + 10
          environment = merge({
            PARLOR_LISTEN         = "0.0.0.0:${local.port}"
            PARLOR_METRICS_LISTEN = "127.0.0.1:${local.metrics_port}"
            PARLOR_TRUSTED_PROXY  = var.network.cidr
            PARLOR_REDIS          = var.cache.url
            PARLOR_REDIS_WAIT     = tostring(var.cache.wait)
            PARLOR_DRAIN_DELAY    = "${var.drain.delay}s"
            PARLOR_DRAIN_TIMEOUT  = "${var.drain.timeout}s"
            PARLOR_LOG_FORMAT     = "json"
          }, var.environment)
        })
      },
      {
        path    = "/etc/systemd/system/parlor-log-file.service"
        content = file("${path.module}/files/parlor-log-file.service")
      },
      {
        path    = "/etc/parlor/cloudwatch-agent.json"
        content = jsonencode(local.agent)
      },
      {
        path    = "/etc/parlor/cloudwatch-prometheus.yaml"
        content = yamlencode(local.scrape)
      },
    ]

    runcmd = [["/usr/local/sbin/parlor-install"]]
  }

  user_data = "#cloud-config\n${yamlencode(local.cloud_config)}"
}
