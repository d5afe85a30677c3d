# SPDX-License-Identifier: MIT
output "url" {
  description = "For --redis. The name leads to the primary, also after a failover."
  value       = "rediss://${aws_elasticache_replication_group.this.primary_endpoint_address}:${aws_elasticache_replication_group.this.port}"
}

output "port" {
  description = "Where the cache listens."
  value       = aws_elasticache_replication_group.this.port
}

output "security_group_id" {
  description = "The cache's security group."
  value       = aws_security_group.cache.id
}

output "token_secret_arn" {
  description = "The secret that holds the token, for --redis-password-file."
  value       = aws_secretsmanager_secret.token.arn
}

output "kms_key_arn" {
  description = "The key of messages and token."
  value       = aws_kms_key.this.arn
}

output "node_ids" {
  description = "The nodes, as ElastiCache names them."
  value       = local.node_ids
}
