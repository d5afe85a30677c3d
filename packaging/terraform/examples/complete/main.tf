# SPDX-License-Identifier: MIT
# The whole system: network, balancer with certificate, servers, cache, logs and alarms.

locals {
  group_name = "${var.name}-servers"
}

module "network" {
  source = "../../modules/network"

  name         = var.name
  zones        = var.zones
  nat_gateways = var.nat_gateways
  flow_logs    = { kms_key_arn = module.observability.kms_key_arn }
}

module "alb" {
  source = "../../modules/alb"

  name                = var.name
  vpc_id              = module.network.vpc_id
  subnet_ids          = module.network.public_subnet_ids
  certificate_arn     = var.zone_id == null ? var.certificate_arn : aws_acm_certificate_validation.this[0].certificate_arn
  drain               = var.drain
  stickiness          = var.stickiness
  deletion_protection = var.protected
}

module "cache" {
  source = "../../modules/cache"

  name                 = var.name
  vpc_id               = module.network.vpc_id
  subnet_ids           = module.network.private_subnet_ids
  node_type            = var.cache_node_type
  log_group_name       = module.observability.cache_log_group_name
  final_snapshot       = var.protected
  secret_recovery_days = var.protected ? 7 : 0
}

module "observability" {
  source = "../../modules/observability"

  name                = var.name
  group_name          = local.group_name
  max_servers         = var.size.max
  balancer_dimensions = module.alb.metric_dimensions
  cache_node_ids      = module.cache.node_ids
  alarm_emails        = var.alarm_emails
}

module "servers" {
  source = "../../modules/servers"

  name                   = var.name
  group_name             = local.group_name
  packages               = var.packages
  debian                 = var.debian
  architecture           = var.architecture
  instance_type          = var.instance_type
  size                   = var.size
  connections_per_server = var.connections_per_server
  drain                  = var.drain
  environment            = var.environment

  network = {
    vpc_id     = module.network.vpc_id
    cidr       = module.network.cidr
    subnet_ids = module.network.private_subnet_ids
  }

  balancer = {
    security_group_id    = module.alb.security_group_id
    target_group_arn     = module.alb.target_group_arn
    deregistration_delay = module.alb.deregistration_delay
  }

  cache = {
    url               = module.cache.url
    port              = module.cache.port
    security_group_id = module.cache.security_group_id
    token_secret_arn  = module.cache.token_secret_arn
    kms_key_arn       = module.cache.kms_key_arn
  }

  observability = {
    server_log_group   = module.observability.server_log_group
    metrics_log_group  = module.observability.metrics_log_group
    deploy_alarm_names = module.observability.deploy_alarm_names
  }
}
