// SPDX-License-Identifier: MIT
// What servers show while `parlor-cli load` runs. What users saw, loss and order included, is in load's own report.
local p = import 'lib/parlor.libsonnet';
local accepted = p.rate('parlor_handshakes_total', 'result="accepted"');
local total(title, description, name, matchers='') =
  p.stat(title, description, 'short', [p.query('round(sum(increase(' + p.m(name, matchers) + '[$__range])))')], width=8);

p.dashboard(
  'parlor-load-test',
  'Parlor / Load test',
  'What servers show while parlor-cli load runs. What users saw, loss and order included, is in its own report.',
  [
    p.row('The test', [
      p.graph('Connection success rate', 'WebSockets that were opened, as a share of the attempts.', 'percentunit', [
        p.query(p.sumBy('', accepted) + ' / ' + p.sumBy('', p.rate('parlor_handshakes_total')), 'accepted'),
      ], thresholds=p.redBelow(0.95), max=1),
      p.graph('Message latency, p99', 'Of the server: from the arrival of a message to its way out. The network and the generator are not in it.', 's', [
        p.query(p.quantile('0.99', 'parlor_delivery_seconds'), 'p99'),
        p.query(p.quantile('0.5', 'parlor_delivery_seconds'), 'p50'),
      ], thresholds=p.red(0.5)),
      p.graph('Active users', 'Open WebSocket connections.', 'short', [
        p.query(p.sumBy('', p.m('parlor_connections')), 'all'),
        p.query(p.m('parlor_connections'), '{{instance}}'),
      ]),
      p.graph('Sessions', 'Connections that were opened.', 'cps', [p.query(p.sumBy('', accepted), 'opened')]),
      p.graph('Messages sent',
              'Data messages that the servers got from users.',
              'cps',
              [p.query(p.sumBy('', p.rate('parlor_messages_in_total')), 'from users')]),
      p.graph('Messages received',
              'Deliveries of the servers to users.',
              'cps',
              [p.query(p.sumBy('', p.rate('parlor_deliveries_total')), 'to users')]),
      total('Sessions total', 'Connections that were opened in the time shown.', 'parlor_handshakes_total', 'result="accepted"'),
      total('Messages sent total', 'Data messages that the servers got from users in the time shown.', 'parlor_messages_in_total'),
      total('Messages received total', 'Deliveries of the servers to users in the time shown.', 'parlor_deliveries_total'),
    ]),
    p.row('What it costs', [
      p.graph('CPU', 'Cores in use.', 'short', [p.query(p.rate('process_cpu_seconds_total'), '{{instance}}')], width=6),
      p.graph('CPU of a delivery', 'CPU time of all servers divided by all deliveries.', 's', [
        p.query(p.sumBy('', p.rate('process_cpu_seconds_total')) + ' / (' + p.sumBy('', p.rate('parlor_deliveries_total')) + ' > 0)',
                'a delivery'),
      ], width=6),
      p.graph('Memory', 'Resident memory of the process. What the kernel keeps for sockets is not in it.', 'bytes', [
        p.query(p.m('process_resident_memory_bytes'), '{{instance}}'),
      ], width=6),
      p.graph('Bytes', 'Bytes from and to users.', 'Bps', [
        p.query(p.sumBy('', p.rate('parlor_bytes_in_total')), 'from users'),
        p.query(p.sumBy('', p.rate('parlor_bytes_out_total')), 'to users'),
      ], width=6),
    ]),
    p.row('Where it ends', [
      p.graph('Event loop lag, p99', 'How late each worker is: above the delivery latency there is too little CPU.', 's', [
        p.query(p.quantile('0.99', 'parlor_event_loop_lag_seconds', 'instance, worker'), '{{instance}} worker {{worker}}'),
      ], width=6, thresholds=p.red(0.1)),
      p.graph('Refused', 'Handshakes that were not accepted, and requests refused as too many.', 'cps', [
        p.query(p.sumBy('result', p.rate('parlor_handshakes_total', 'result!="accepted"')), '{{result}}'),
        p.query(p.sumBy('', p.rate('parlor_rate_limited_total')), 'rate limited'),
      ], width=6),
      p.graph('Store', 'Messages that are not yet committed.', 'short', [
        p.query(p.m('parlor_store_waiting'), '{{instance}}'),
      ], width=6),
      p.graph('Waiting bytes', 'What waits for users that do not read.', 'bytes', [
        p.query(p.m('parlor_queue_bytes'), '{{instance}}'),
      ], width=6),
    ]),
  ]
)
