# SPDX-License-Identifier: MIT
# Clients come through the balancer only. What servers open is HTTPS and HTTP (packages, AWS), and the cache.

resource "aws_security_group" "servers" {
  name_prefix = "${var.name}-servers-"
  description = "Servers of ${var.name}"
  vpc_id      = var.network.vpc_id

  tags = { Name = "${var.name}-servers" }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "from_balancer" {
  security_group_id            = aws_security_group.servers.id
  description                  = "Clients and health checks, from the balancer"
  ip_protocol                  = "tcp"
  from_port                    = local.port
  to_port                      = local.port
  referenced_security_group_id = var.balancer.security_group_id
}

resource "aws_vpc_security_group_egress_rule" "balancer_to_servers" {
  security_group_id            = var.balancer.security_group_id
  description                  = "To the servers"
  ip_protocol                  = "tcp"
  from_port                    = local.port
  to_port                      = local.port
  referenced_security_group_id = aws_security_group.servers.id
}

# Debian's mirrors and AWS have no fixed addresses; two ports are open.
#trivy:ignore:AWS-0104
resource "aws_vpc_security_group_egress_rule" "web" {
  for_each = { https = 443, http = 80 }

  security_group_id = aws_security_group.servers.id
  description       = "${upper(each.key)}: Debian's mirrors, packages, AWS"
  ip_protocol       = "tcp"
  from_port         = each.value
  to_port           = each.value
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_vpc_security_group_egress_rule" "to_cache" {
  security_group_id            = aws_security_group.servers.id
  description                  = "To the cache"
  ip_protocol                  = "tcp"
  from_port                    = var.cache.port
  to_port                      = var.cache.port
  referenced_security_group_id = var.cache.security_group_id
}

resource "aws_vpc_security_group_ingress_rule" "cache_from_servers" {
  security_group_id            = var.cache.security_group_id
  description                  = "From the servers"
  ip_protocol                  = "tcp"
  from_port                    = var.cache.port
  to_port                      = var.cache.port
  referenced_security_group_id = aws_security_group.servers.id
}
