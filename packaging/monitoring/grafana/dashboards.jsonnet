// SPDX-License-Identifier: MIT
// The dashboards by their files' names: ./build writes them.
{
  'parlor-server.json': import 'server.jsonnet',
  'parlor-cluster.json': import 'cluster.jsonnet',
  'parlor-load-test.json': import 'load-test.jsonnet',
}
