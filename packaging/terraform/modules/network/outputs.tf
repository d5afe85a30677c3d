# SPDX-License-Identifier: MIT
output "vpc_id" {
  description = "The VPC."
  value       = aws_vpc.this.id
}

output "cidr" {
  description = "Its addresses."
  value       = aws_vpc.this.cidr_block
}

output "public_subnet_ids" {
  description = "For the balancer, one in each zone."
  value       = [for subnet in aws_subnet.public : subnet.id]
}

output "private_subnet_ids" {
  description = "For servers and cache, one in each zone."
  value       = [for subnet in aws_subnet.private : subnet.id]
}
