
'use strict';
// Read-outs at the pointer and by keys, the phase that charts over time show, the theme. Nothing else needs it.
(() => {
  const { phases, points } = JSON.parse(document.getElementById('points').textContent);
  const count = points.ends.length;
  const svg = name => document.createElementNS('http://www.w3.org/2000/svg', name);
  const kWidth = 1200;

  // Numbers as the report prints them.
  const three = value => value.toFixed(value >= 99.95 ? 0 : value >= 9.995 ? 1 : value >= 0.9995 ? 2 : 3);
  const grouped = value => Math.round(value).toString().replace(/\B(?=(\d{3})+$)/g, ',');
  const decimal = value => value >= 100 ? grouped(value) : three(value);
  const clock = us => {
    const s = Math.floor(us / 1e6), pad = n => String(n).padStart(2, '0');
    return s >= 3600 ? `${Math.floor(s / 3600)}:${pad(Math.floor(s / 60) % 60)}:${pad(s % 60)}` : `${pad(Math.floor(s / 60))}:${pad(s % 60)}`;
  };
  const bytes = value => {
    const units = ['B', 'kB', 'MB', 'GB', 'TB'];
    let at = 0;
    for (; value >= 1000 && at + 1 < units.length; ++at) value /= 1000;
    return `${at ? three(value) : value} ${units[at]}`;
  };
  const forms = {
    time: us => us >= 999.5e3 ? `${three(us / 1e6)} s` : `${three(us / 1e3)} ms`,
    count: grouped, rate: value => `${decimal(value)}/s`, cores: decimal, bytes, clock,
    part: value => `${(Math.floor(value * 1e4 + 1e-9) / 100).toFixed(2)} %`,
  };
  const shown = (column, at) => column.values[at] === null ? '–' : forms[column.figure.split(' ')[0]](column.values[at]);
  const middle = at => ((at ? points.ends[at - 1] : 0) + points.ends[at]) / 2;
  const interval = at => `${clock(at ? points.ends[at - 1] : 0)} – ${clock(points.ends[at])}`;
  const phaseAt = us => phases.find(each => us >= each.begin && us < each.end)?.name ?? '';

  const charts = [...document.querySelectorAll('.chart[data-columns]')].filter(() => count > 0).map(figure => ({
    figure, plot: figure.querySelector('.plot'), end: Number(figure.dataset.end),
    columns: figure.dataset.columns.split(' ').map(id => points.columns[id]),
  }));
  const scatter = document.getElementById('latency-load');
  let range = null; // of the chosen phase, µs
  let chosen = -1;

  const span = chart => range ?? { begin: 0, end: chart.end };
  const placeOf = (chart, us) => (us - span(chart).begin) / (span(chart).end - span(chart).begin);

  function clear() {
    chosen = -1;
    document.querySelectorAll('.cursor, .readout').forEach(each => each.remove());
  }

  function choose(at, main) {
    clear();
    chosen = Math.max(0, Math.min(count - 1, at));
    const us = middle(chosen);
    for (const chart of charts) {
      const place = placeOf(chart, us);
      if (place < 0 || place > 1) continue;
      const line = svg('line');
      line.setAttribute('class', 'cursor');
      line.setAttribute('x1', `${place * 100}%`);
      line.setAttribute('x2', `${place * 100}%`);
      line.setAttribute('y2', '100%');
      chart.plot.append(line);
      if (chart === main) read(chart, place, us);
    }
  }

  function read(chart, place, us) {
    const box = document.createElement('p');
    box.className = 'readout';
    box.setAttribute('role', 'status');
    const phase = phaseAt(us);
    box.textContent = [interval(chosen) + (phase && ` · ${phase}`),
      ...chart.columns.map(each => `${each.name} ${shown(each, chosen)}`)].join('\n');
    chart.figure.append(box);
    const plot = chart.plot.getBoundingClientRect(), figure = chart.figure.getBoundingClientRect();
    const left = plot.left - figure.left + place * plot.width;
    box.style.left = `${place > .5 ? Math.max(0, left - box.offsetWidth - 8) : Math.min(left + 8, figure.width - box.offsetWidth)}px`;
  }

  function atPointer(chart, event) {
    const plot = chart.plot.getBoundingClientRect();
    const place = (event.clientX - plot.left) / plot.width;
    if (place < -.02 || place > 1.02 || event.clientY < plot.top || event.clientY > plot.bottom) return clear();
    const us = span(chart).begin + place * (span(chart).end - span(chart).begin);
    const at = points.ends.findIndex(end => end > us);
    choose(at < 0 ? count - 1 : at, chart);
  }

  for (const chart of charts) {
    chart.figure.tabIndex = 0;
    chart.figure.addEventListener('pointermove', event => atPointer(chart, event));
    chart.figure.addEventListener('pointerleave', clear);
  }

  // The phase.
  const select = document.getElementById('phase');
  phases.forEach((phase, at) => select.add(new Option(phase.name, at)));
  select.addEventListener('change', () => show(select.value));

  function ticks(chart) {
    const old = chart.plot.querySelector('.x');
    const { begin, end } = span(chart);
    const steps = [.1, .2, .5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400].map(s => s * 1e6);
    const step = Math.max(1e6, steps.find(each => (end - begin) / each <= 6) ?? 86400e6);
    const texts = [];
    for (let us = Math.ceil(begin / step) * step; us <= end; us += step) {
      const text = svg('text');
      text.setAttribute('x', `${placeOf(chart, us) * 100}%`);
      text.setAttribute('y', '100%');
      text.setAttribute('dy', '1.6em');
      text.textContent = clock(us);
      texts.push(text);
    }
    old.replaceChildren(...texts);
  }

  function show(phase) {
    clear();
    select.value = phase;
    range = phase === '' ? null : phases[phase];
    if (range && range.end <= range.begin) range = null;
    for (const chart of charts) {
      const from = range ? range.begin / chart.end * kWidth : 0, to = range ? range.end / chart.end * kWidth : kWidth;
      chart.plot.querySelectorAll('.area').forEach(each => each.setAttribute('viewBox', `${from} 0 ${Math.max(to - from, .01)} 400`));
      ticks(chart);
    }
    document.querySelectorAll('tr[data-phase]').forEach(row => row.classList.toggle('chosen', row.dataset.phase === phase));
  }

  // The scatter: the dot nearest to the pointer.
  scatter?.addEventListener('pointerleave', clear);
  scatter?.addEventListener('pointermove', event => {
    clear();
    const plot = scatter.querySelector('.plot').getBoundingClientRect();
    const [fastest, low, high] = ['fastest', 'low', 'high'].map(each => Number(scatter.dataset[each]));
    const [rates, ...latencies] = ['rate received', 'time latency.p50', 'time latency.p99'].map(
      figure => points.columns.find(each => each.figure === figure));
    let best = { distance: 20 };
    for (const column of latencies) {
      for (let at = 0; at < count; ++at) {
        if (!column.values[at]) continue;
        const x = rates.values[at] / fastest, y = 1 - Math.log(column.values[at] / low) / Math.log(high / low);
        const distance = Math.hypot(plot.left + x * plot.width - event.clientX, plot.top + y * plot.height - event.clientY);
        if (distance < best.distance) best = { distance, at, x };
      }
    }
    if (best.at === undefined) return;
    chosen = best.at;
    read({ figure: scatter, plot: scatter.querySelector('.plot'), columns: [rates, ...latencies] }, best.x, middle(chosen));
  });

  // The theme.
  const theme = document.getElementById('theme');
  const themes = ['', 'light', 'dark'];
  function nextTheme() {
    const next = themes[(themes.indexOf(document.documentElement.dataset.theme ?? '') + 1) % themes.length];
    if (next) document.documentElement.dataset.theme = next;
    else delete document.documentElement.dataset.theme;
    theme.textContent = `theme: ${next || 'as the system'}`;
  }
  theme.addEventListener('click', nextTheme);

  // Keys.
  const help = document.getElementById('help');
  document.getElementById('keys').addEventListener('click', () => help.showModal());

  function mainChart() {
    const focused = charts.find(each => each.figure.contains(document.activeElement));
    return focused ?? charts.find(each => each.figure.id === 'latency-time') ?? charts[0];
  }

  function bounds() {
    if (!range) return [0, count - 1];
    const inside = points.ends.map((_, at) => at).filter(at => middle(at) >= range.begin && middle(at) < range.end);
    return inside.length ? [inside[0], inside.at(-1)] : [0, count - 1];
  }

  document.addEventListener('keydown', event => {
    if (event.ctrlKey || event.altKey || event.metaKey || help.open) return;
    if (event.target.closest('input, select, button, summary, .scroll') && !['?', 'l', 't', '[', ']', 'Escape'].includes(event.key)) return;
    const [first, last] = bounds();
    const step = by => count && choose(Math.max(first, Math.min(last, chosen < 0 ? (by > 0 ? first : last) : chosen + by)), mainChart());
    const phase = by => {
      const at = (select.selectedIndex + by + select.length) % select.length;
      show(select.options[at].value);
    };
    const actions = {
      ArrowRight: () => step(event.shiftKey ? 10 : 1), ArrowLeft: () => step(event.shiftKey ? -10 : -1),
      Home: () => count && choose(first, mainChart()), End: () => count && choose(last, mainChart()),
      '[': () => phase(-1), ']': () => phase(1), t: nextTheme, '?': () => help.showModal(),
      l: () => {
        const boxes = [...document.querySelectorAll('.switch input')];
        const on = !boxes[0]?.checked;
        boxes.forEach(each => { each.checked = on; });
      },
      Escape: () => chosen < 0 ? show('') : clear(),
    };
    // Home and End belong to the page unless a chart is being read.
    if ((event.key === 'Home' || event.key === 'End') && chosen < 0) return;
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });

  document.getElementById('tools').hidden = false;
})();
