# SPDX-License-Identifier: MIT
# HTTPS for clients, HTTP to the servers: WebSockets need nothing beside a long idle timeout.

locals {
  # What is deregistered is cut after this time, and its instance lives on at least as long. The servers need delay and
  # timeout to send all clients elsewhere; the 15 s are for the instance to notice.
  deregistration_delay = var.drain.delay + var.drain.timeout + 15
}

resource "aws_security_group" "alb" {
  name_prefix = "${var.name}-alb-"
  description = "The load balancer of ${var.name}"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-alb" }

  lifecycle {
    create_before_destroy = true
  }
}

# A public chat is open to all; client_cidrs narrows it.
#trivy:ignore:AWS-0107
resource "aws_vpc_security_group_ingress_rule" "https" {
  for_each = var.client_cidrs

  security_group_id = aws_security_group.alb.id
  description       = "HTTPS from clients"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = each.value
}

# Answers a redirect to HTTPS and nothing else.
#trivy:ignore:AWS-0107
resource "aws_vpc_security_group_ingress_rule" "http" {
  for_each = var.client_cidrs

  #checkov:skip=CKV_AWS_260:Port 80 answers a redirect to HTTPS and nothing else
  security_group_id = aws_security_group.alb.id
  description       = "HTTP from clients, to be redirected"
  ip_protocol       = "tcp"
  from_port         = 80
  to_port           = 80
  cidr_ipv4         = each.value
}

# The balancer is what clients on the Internet connect to.
#trivy:ignore:AWS-0053
resource "aws_lb" "this" {
  #checkov:skip=CKV2_AWS_28:A web application firewall sees a WebSocket's handshake and no message; the server has rates and limits of its own
  #checkov:skip=CKV_AWS_150:The variable's default is true
  name               = var.name
  load_balancer_type = "application"
  internal           = false
  subnets            = var.subnet_ids
  security_groups    = [aws_security_group.alb.id]

  idle_timeout               = var.idle_timeout
  drop_invalid_header_fields = true
  desync_mitigation_mode     = "defensive"
  enable_deletion_protection = var.deletion_protection
  enable_http2               = true

  access_logs {
    enabled = true
    bucket  = aws_s3_bucket.access_logs.id
  }

  depends_on = [aws_s3_bucket_policy.access_logs]
}

resource "aws_lb_target_group" "this" {
  #checkov:skip=CKV_AWS_378:TLS ends at the balancer; what follows stays in the VPC's private subnets
  name_prefix = "parlor"
  vpc_id      = var.vpc_id
  port        = var.port
  protocol    = "HTTP"
  target_type = "instance"

  deregistration_delay              = local.deregistration_delay
  load_balancing_algorithm_type     = "least_outstanding_requests"
  load_balancing_cross_zone_enabled = "use_load_balancer_configuration"

  health_check {
    path                = "/ready"
    protocol            = "HTTP"
    matcher             = "200"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 2
  }

  stickiness {
    enabled         = var.stickiness > 0
    type            = "lb_cookie"
    cookie_duration = max(var.stickiness, 1)
  }

  target_group_health {
    dns_failover {
      minimum_healthy_targets_count      = "1"
      minimum_healthy_targets_percentage = "off"
    }

    unhealthy_state_routing {
      minimum_healthy_targets_count      = 1
      minimum_healthy_targets_percentage = "off"
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.this.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = var.certificate_arn

  routing_http_response_server_enabled                         = false
  routing_http_response_strict_transport_security_header_value = "max-age=31536000"
  routing_http_response_x_content_type_options_header_value    = "nosniff"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this.arn
  }
}

# It redirects to HTTPS.
#trivy:ignore:AWS-0054
resource "aws_lb_listener" "redirect" {
  load_balancer_arn = aws_lb.this.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type = "redirect"

    redirect {
      protocol    = "HTTPS"
      port        = "443"
      status_code = "HTTP_301"
    }
  }
}
