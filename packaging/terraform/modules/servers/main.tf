# SPDX-License-Identifier: MIT
# The servers: what one is made of, how many there are, and how one version follows another.

data "aws_ami" "debian" {
  owners      = ["136693071363"] # Debian: https://wiki.debian.org/Cloud/AmazonEC2Image
  most_recent = true

  filter {
    name   = "name"
    values = ["debian-${var.debian}-${var.architecture}-*"]
  }

  filter {
    name   = "virtualization-type"
    values = ["hvm"]
  }
}

data "aws_default_tags" "current" {}

resource "aws_launch_template" "this" {
  name_prefix            = "${var.name}-"
  description            = "A server of ${var.name}"
  image_id               = coalesce(var.ami_id, data.aws_ami.debian.id)
  instance_type          = var.instance_type
  user_data              = base64encode(local.user_data)
  vpc_security_group_ids = [aws_security_group.servers.id]
  update_default_version = true

  iam_instance_profile {
    arn = aws_iam_instance_profile.server.arn
  }

  # The hop limit of 1 keeps the role's credentials from containers and from whoever makes the server fetch an address.
  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  block_device_mappings {
    device_name = data.aws_ami.debian.root_device_name

    ebs {
      volume_type           = "gp3"
      volume_size           = 10
      encrypted             = true
      delete_on_termination = true
    }
  }

  monitoring {
    enabled = true
  }

  dynamic "tag_specifications" {
    for_each = toset(["instance", "volume", "network-interface"])

    content {
      resource_type = tag_specifications.value
      tags          = merge(data.aws_default_tags.current.tags, { Name = "${var.name}-server" })
    }
  }

  lifecycle {
    create_before_destroy = true

    precondition {
      condition     = length(local.user_data) <= 16384
      error_message = "The user data has ${length(local.user_data)} bytes; EC2 takes 16384."
    }
  }
}

resource "aws_autoscaling_group" "this" {
  name                = var.group_name
  vpc_zone_identifier = var.network.subnet_ids
  target_group_arns   = [var.balancer.target_group_arn]
  min_size            = var.size.min
  max_size            = var.size.max

  health_check_type         = "ELB"
  health_check_grace_period = 300
  default_instance_warmup   = 60
  termination_policies      = ["OldestLaunchTemplate", "Default"]
  enabled_metrics           = ["GroupDesiredCapacity", "GroupInServiceInstances", "GroupPendingInstances", "GroupTerminatingInstances"]

  # A new instance gets clients once it says that it is ready (files/parlor-install), and is replaced if it never does. The
  # hook is there before the first instance, and Terraform does not change it afterwards.
  initial_lifecycle_hook {
    name                 = local.launch_hook
    lifecycle_transition = "autoscaling:EC2_INSTANCE_LAUNCHING"
    heartbeat_timeout    = 900
    default_result       = "ABANDON"
  }

  # A number: with $Latest there is no way back.
  launch_template {
    id      = aws_launch_template.this.id
    version = aws_launch_template.this.latest_version
  }

  # A new server is there before an old one goes.
  instance_maintenance_policy {
    min_healthy_percentage = 100
    max_healthy_percentage = 150
  }

  # A new version of the launch template replaces the servers one after the other. If an alarm rings, or a new server does
  # not become healthy, the old version comes back.
  instance_refresh {
    strategy = "Rolling"

    preferences {
      min_healthy_percentage = 100
      max_healthy_percentage = 150
      instance_warmup        = "60"
      auto_rollback          = true
      skip_matching          = true
      checkpoint_percentages = [50, 100]
      checkpoint_delay       = "300"

      alarm_specification {
        alarms = var.observability.deploy_alarm_names
      }
    }
  }

  dynamic "tag" {
    for_each = merge(data.aws_default_tags.current.tags, { Name = "${var.name}-server" })

    content {
      key                 = tag.key
      value               = tag.value
      propagate_at_launch = false
    }
  }

  depends_on = [
    aws_iam_role_policy.server,
    aws_iam_role_policy_attachment.session_manager,
    aws_vpc_security_group_egress_rule.to_cache,
    aws_vpc_security_group_egress_rule.web,
    aws_vpc_security_group_ingress_rule.cache_from_servers,
  ]
}

# The deregistration delay holds an instance until its clients are elsewhere, and this hook comes after it. Should AWS ever
# do this the other way round, the hook is as long by itself. Nobody answers it: it ends by time. It is a resource of its own
# because it follows var.drain.
resource "aws_autoscaling_lifecycle_hook" "terminate" {
  name                   = "${var.name}-terminate"
  autoscaling_group_name = aws_autoscaling_group.this.name
  lifecycle_transition   = "autoscaling:EC2_INSTANCE_TERMINATING"
  heartbeat_timeout      = var.drain.delay + var.drain.timeout + 30
  default_result         = "CONTINUE"
}

resource "aws_autoscaling_policy" "connections" {
  name                   = "${var.name}-connections"
  autoscaling_group_name = aws_autoscaling_group.this.name
  policy_type            = "TargetTrackingScaling"

  target_tracking_configuration {
    target_value = var.connections_per_server

    customized_metric_specification {
      namespace   = "Parlor"
      metric_name = "parlor_connections"
      statistic   = "Average"

      metric_dimension {
        name  = "AutoScalingGroupName"
        value = var.group_name
      }
    }
  }
}

resource "aws_autoscaling_policy" "cpu" {
  name                   = "${var.name}-cpu"
  autoscaling_group_name = aws_autoscaling_group.this.name
  policy_type            = "TargetTrackingScaling"

  target_tracking_configuration {
    target_value = var.cpu_percent

    predefined_metric_specification {
      predefined_metric_type = "ASGAverageCPUUtilization"
    }
  }
}
