// SPDX-License-Identifier: MIT
// What the dashboards are made of: dashboard(row(panel(query))). Places and ids are given here, in the order of the panels.
local datasource = { type: 'prometheus', uid: '${datasource}' };

local variable(name, label, extra) = { name: name, label: label, hide: 0 } + extra;

local labelVariable(name, label, query) = variable(name, label, {
  type: 'query',
  datasource: datasource,
  definition: query,
  query: { query: query, refId: name },
  refresh: 2,  // also when the time changes: instances come and go
  sort: 1,
  multi: true,
  includeAll: true,
  allValue: '.+',
  current: { selected: true, text: ['All'], value: ['$__all'] },
});

local steps(values) = {
  mode: 'absolute',
  steps: [{ color: 'green', value: null }] + values,
};

{
  // Every selector has these two.
  selector:: 'job=~"$job", instance=~"$instance"',

  // m('parlor_rooms') and m('parlor_closes_total', 'code="1006"'): a metric of the chosen servers.
  m(name, matchers=''):: name + '{' + self.selector + (if matchers == '' then '' else ', ' + matchers) + '}',
  rate(name, matchers=''):: 'rate(' + self.m(name, matchers) + '[$__rate_interval])',
  sumBy(labels, expression):: 'sum' + (if labels == '' then '' else ' by (' + labels + ')') + ' (' + expression + ')',
  // q as text: jsonnet writes 0.99 as 0.98999999999999999.
  quantile(q, histogram, labels=''):: 'histogram_quantile(%s, sum by (%sle) (%s))' % [
    q,
    if labels == '' then '' else labels + ', ',
    self.rate(histogram + '_bucket'),
  ],

  query(expression, legend='', extra={}):: {
    datasource: datasource,
    expr: expression,
    legendFormat: legend,
  } + extra,
  // The value of now, as a row of a table.
  row_query(expression):: self.query(expression, '', { instant: true, format: 'table' }),

  // Thresholds: from which value on a panel is yellow, and red.
  warn(yellow, red):: steps([{ color: 'yellow', value: yellow }, { color: 'red', value: red }]),
  red(value):: steps([{ color: 'red', value: value }]),
  redBelow(value):: { mode: 'absolute', steps: [{ color: 'red', value: null }, { color: 'green', value: value }] },

  local panel(type, title, description, unit, queries, width, height, thresholds, defaults) = {
    type: type,
    title: title,
    description: description,
    datasource: datasource,
    gridPos: { w: width, h: height },
    targets: [queries[i] { refId: std.char(65 + i) } for i in std.range(0, std.length(queries) - 1)],
    fieldConfig: {
      defaults: { unit: unit, thresholds: if thresholds == null then steps([]) else thresholds } + defaults,
      overrides: [],
    },
  },

  graph(title, description, unit, queries, width=8, thresholds=null, stack=false, min=0, max=null)::
    panel('timeseries', title, description, unit, queries, width, 8, thresholds, {
      min: min,
      [if max != null then 'max']: max,
      color: { mode: 'palette-classic' },
      custom: {
        drawStyle: 'line',
        lineWidth: 1,
        fillOpacity: if stack then 30 else 8,
        showPoints: 'never',
        spanNulls: false,
        stacking: { mode: if stack then 'normal' else 'none', group: 'A' },
        thresholdsStyle: { mode: if thresholds == null then 'off' else 'dashed' },
      },
    }) + {
      options: {
        legend: { displayMode: 'table', placement: 'bottom', showLegend: true, calcs: ['lastNotNull', 'max'] },
        tooltip: { mode: 'multi', sort: 'desc' },
      },
    },

  stat(title, description, unit, queries, width=4, thresholds=null, text='auto', mappings=[])::
    panel('stat', title, description, unit, queries, width, 4, thresholds, { mappings: mappings }) + {
      options: {
        reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
        colorMode: if thresholds == null then 'none' else 'value',
        graphMode: if text == 'name' then 'none' else 'area',
        textMode: text,
        justifyMode: 'auto',
        orientation: 'auto',
      },
    },

  // States over time, a line a server.
  timeline(title, description, queries, mappings, width=12)::
    panel('state-timeline', title, description, 'none', queries, width, 8, null, {
      mappings: mappings,
      color: { mode: 'thresholds' },
      custom: { fillOpacity: 70, lineWidth: 0 },
    }) + {
      options: {
        mergeValues: true,
        showValue: 'auto',
        alignValue: 'left',
        rowHeight: 0.9,
        legend: { displayMode: 'list', placement: 'bottom', showLegend: false, calcs: [] },
        tooltip: { mode: 'single', sort: 'none' },
      },
    },

  heatmap(title, description, unit, queries, width=12)::
    panel('heatmap', title, description, unit, queries, width, 8, null, {}) + {
      options: {
        calculate: false,
        cellGap: 1,
        color: { mode: 'scheme', scheme: 'Spectral', steps: 64, exponent: 0.5, fill: 'dark-orange', scale: 'exponential', reverse: false },
        yAxis: { unit: unit, axisPlacement: 'left', reverse: false },
        rowsFrame: { layout: 'auto' },
        legend: { show: true },
        tooltip: { mode: 'single', yHistogram: false },
        filterValues: { le: 1e-9 },
        exemplars: { color: 'rgba(255,0,255,0.7)' },
      },
    },

  // Instant queries joined by the server; columns: [[field, title, unit]], in this order; all other fields are hidden.
  table(title, description, queries, columns, width=24, unit='short')::
    panel('table', title, description, unit, queries, width, 8, null, {}) + {
      fieldConfig+: {
        overrides: [
          {
            matcher: { id: 'byName', options: column[1] },
            properties: [{ id: 'unit', value: column[2] }],
          }
          for column in columns
          if column[2] != ''
        ],
      },
      options: { showHeader: true, cellHeight: 'sm' },
      transformations: [
        { id: 'joinByField', options: { byField: 'instance', mode: 'outer' } },
        { id: 'filterFieldsByName', options: { include: { names: [column[0] for column in columns] } } },
        {
          id: 'organize',
          options: {
            excludeByName: {},
            indexByName: { [columns[i][0]]: i for i in std.range(0, std.length(columns) - 1) },
            renameByName: { [column[0]]: column[1] for column in columns },
          },
        },
      ],
    },

  row(title, panels, collapsed=false):: { title: title, panels: panels, collapsed: collapsed },

  dashboard(uid, title, description, rows, links=[]):: {
    // Panels from the left to the right, a new line where the next one does not fit.
    local place(panels, top) = std.foldl(
      function(done, each)
        local fits = done.x + each.gridPos.w <= 24;
        local y = if fits then done.y else done.y + done.height;
        local x = if fits then done.x else 0;
        {
          panels: done.panels + [each { gridPos+: { x: x, y: y } }],
          x: x + each.gridPos.w,
          y: y,
          height: if fits then std.max(done.height, each.gridPos.h) else each.gridPos.h,
        },
      panels,
      { panels: [], x: 0, y: top, height: 0 }
    ),
    local placed = std.foldl(
      function(done, row)
        local inner = place(row.panels, done.y + 1);
        local head = {
          type: 'row',
          title: row.title,
          collapsed: row.collapsed,
          gridPos: { x: 0, y: done.y, w: 24, h: 1 },
          panels: if row.collapsed then inner.panels else [],
        };
        {
          panels: done.panels + [head] + (if row.collapsed then [] else inner.panels),
          y: if row.collapsed then done.y + 1 else inner.y + inner.height,
        },
      rows,
      { panels: [], y: 0 }
    ),
    local numbered = std.foldl(
      function(done, each)
        local inside = if std.objectHas(each, 'panels') then each.panels else [];
        done + [each { id: std.length(done) * 100 + 1 } + (
          if std.objectHas(each, 'panels') then
            { panels: [inside[i] { id: std.length(done) * 100 + 2 + i } for i in std.range(0, std.length(inside) - 1)] }
          else {}
        )],
      placed.panels,
      []
    ),

    uid: uid,
    title: title,
    description: description,
    tags: ['parlor'],
    editable: false,
    graphTooltip: 1,  // one cross-hair in all panels
    schemaVersion: 38,
    version: 1,
    refresh: '10s',
    time: { from: 'now-1h', to: 'now' },
    timepicker: {},
    timezone: '',
    weekStart: '',
    fiscalYearStartMonth: 0,
    liveNow: false,
    links: [{
      type: 'dashboards',
      title: 'Parlor',
      tags: ['parlor'],
      asDropdown: false,
      includeVars: true,
      keepTime: true,
      targetBlank: false,
      icon: 'external link',
      tooltip: '',
      url: '',
    }],
    annotations: {
      list: [
        {
          name: 'Restarts',
          datasource: datasource,
          enable: true,
          hide: false,
          iconColor: 'orange',
          expr: 'changes(' + $.m('process_start_time_seconds') + '[$__rate_interval]) > 0',
          titleFormat: 'Started anew',
          textFormat: '{{instance}}',
        },
      ],
    },
    templating: {
      list: [
        variable('datasource', 'Data source', { type: 'datasource', query: 'prometheus', refresh: 1 }),
        labelVariable('job', 'Job', 'label_values(parlor_build_info, job)'),
        labelVariable('instance', 'Instance', 'label_values(parlor_build_info{job=~"$job"}, instance)'),
      ],
    },
    panels: numbered,
  },
}
