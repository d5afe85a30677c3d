// SPDX-License-Identifier: MIT
// All servers of a chat: which there are, whether they share the work, and what a deployment does to them.
local p = import 'lib/parlor.libsonnet';
local state = [{ type: 'value', options: {
  '0': { text: 'not ready', color: 'red', index: 0 },
  '1': { text: 'ready', color: 'green', index: 1 },
  '2': { text: 'draining', color: 'yellow', index: 2 },
} }];

p.dashboard(
  'parlor-cluster',
  'Parlor / Cluster',
  'All servers of a chat: which there are, whether they share the work, and what a deployment does to them.',
  [
    p.row('Servers', [
      p.stat('Ready', 'Servers whose /ready says 200.', 'short', [p.query(p.sumBy('', p.m('parlor_ready')))], thresholds=p.redBelow(1)),
      p.stat('Not answering',
             'Servers that Prometheus cannot scrape.',
             'short',
             [p.query('count(' + p.m('up') + ' == 0) or vector(0)')],
             thresholds=p.red(1)),
      p.stat('Draining', 'Servers that were told to stop.', 'short', [p.query(p.sumBy('', p.m('parlor_draining')))], thresholds=p.warn(1, 100)),
      p.stat('Versions',
             'Different versions that run. More than one is a deployment under way.',
             'short',
             [p.query('count(count by (version) (' + p.m('parlor_build_info') + '))')],
             thresholds=p.warn(2, 3)),
      p.stat('Without Redis',
             'Servers beside others that share their messages with nobody: each is a chat of its own.',
             'short',
             [p.query('(count(' + p.m('parlor_build_info', 'store!="redis"') + ') and count(' + p.m('parlor_build_info') + ') > 1) or vector(0)')],
             thresholds=p.red(1)),
      p.stat('Connections', 'Open WebSocket connections of all servers.', 'short', [p.query(p.sumBy('', p.m('parlor_connections')))]),
      p.table('Servers', 'Each server: what runs, and what it carries now.', [
        p.row_query('max by (instance, version, store, transport, sends) (' + p.m('parlor_build_info') + ')'),
        p.row_query(p.sumBy('instance', p.m('parlor_connections'))),
        p.row_query(p.sumBy('instance', p.rate('parlor_deliveries_total'))),
        p.row_query(p.sumBy('instance', p.rate('process_cpu_seconds_total'))),
        p.row_query(p.sumBy('instance', p.m('process_resident_memory_bytes'))),
        p.row_query('time() - max by (instance) (' + p.m('process_start_time_seconds') + ')'),
      ], [
        ['instance', 'server', ''],
        ['version', 'version', ''],
        ['store', 'store', ''],
        ['transport', 'transport', ''],
        ['sends', 'sends', ''],
        ['Value #B', 'connections', 'short'],
        ['Value #C', 'deliveries', 'cps'],
        ['Value #D', 'cores', 'short'],
        ['Value #E', 'memory', 'bytes'],
        ['Value #F', 'up for', 's'],
      ]),
    ]),
    p.row('A deployment', [
      p.timeline('State', 'Ready, not ready (starting, or Redis was away at the start), or draining.', [
        p.query('clamp_max(' + p.m('parlor_ready') + ' + 2 * ' + p.m('parlor_draining') + ', 2)', '{{instance}}'),
      ], state),
      p.graph('Connections by server',
              'Where the clients are. A drain moves its clients to the others.',
              'short',
              [p.query(p.m('parlor_connections'), '{{instance}}')],
              width=12,
              stack=true),
      p.graph('Moved away',
              'Connections that a drain closed: 4200 in v2, 1001 in v1.',
              'cps',
              [p.query(p.sumBy('instance', p.rate('parlor_closes_total', 'code=~"1001|4200"')), '{{instance}}')]),
      p.graph('Lost',
              'Connections that ended without anybody wanting it: all codes but 1000, 1001, 1005, 4007 and 4200.',
              'cps',
              [p.query(p.sumBy('code', p.rate('parlor_closes_total', 'code!~"1000|1001|1005|4007|4200"')), '{{code}}')]),
      p.graph('Newcomers',
              'Connections that were opened. After a drain those who were moved come back here.',
              'cps',
              [p.query(p.sumBy('instance', p.rate('parlor_handshakes_total', 'result="accepted"')), '{{instance}}')]),
    ]),
    p.row('The work', [
      p.graph('Deliveries',
              'Broadcasts times their receivers, by server.',
              'cps',
              [p.query(p.rate('parlor_deliveries_total'), '{{instance}}')],
              stack=true),
      p.graph('Delivery, p99', 'From the arrival of a message to its way out.', 's', [
        p.query(p.quantile('0.99', 'parlor_delivery_seconds', 'instance'), '{{instance}}'),
      ], thresholds=p.red(0.5)),
      p.graph('Event loop lag, p99', 'The worst worker of each server.', 's', [
        p.query('max by (instance) (' + p.quantile('0.99', 'parlor_event_loop_lag_seconds', 'instance, worker') + ')', '{{instance}}'),
      ], thresholds=p.red(0.1)),
      p.graph('CPU', 'Cores in use.', 'short', [p.query(p.rate('process_cpu_seconds_total'), '{{instance}}')]),
      p.graph('Memory', 'Resident memory.', 'bytes', [p.query(p.m('process_resident_memory_bytes'), '{{instance}}')]),
      p.graph('Imbalance of connections', 'The most connections of a server, divided by the average: 1 is even.', 'short', [
        p.query('max(' + p.m('parlor_connections') + ') / (avg(' + p.m('parlor_connections') + ') > 0)', 'most / average'),
      ], min=1),
    ]),
    p.row('Redis', [
      p.graph('Connected to Redis', 'Servers that are, and servers that there are.', 'short', [
        p.query(p.sumBy('', p.m('parlor_redis_up')), 'connected'),
        p.query('count(' + p.m('parlor_redis_up') + ')', 'servers'),
      ]),
      p.graph('Messages stored',
              'Messages that Redis has taken, by server.',
              'cps',
              [p.query(p.rate('parlor_store_messages_total', ''), '{{instance}}')],
              stack=true),
      p.graph('Trouble', 'Messages refused, connections that came back, holes, rooms that diverged.', 'cps', [
        p.query(p.sumBy('', p.rate('parlor_store_failures_total')), 'messages refused'),
        p.query(p.sumBy('', p.rate('parlor_redis_reconnects_total')), 'reconnects'),
        p.query(p.sumBy('', p.rate('parlor_redis_repairs_total')), 'holes'),
        p.query(p.sumBy('', p.rate('parlor_redis_diverged_total')), 'rooms diverged'),
      ]),
    ]),
  ]
)
