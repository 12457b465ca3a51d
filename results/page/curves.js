"use strict";

// The curves over rounds, virtual time or bytes, drawn by Chart.js.

const AXES = {
  round: {title: "round", text: count},
  time_s: {title: "virtual time", text: duration},
  bytes_sent: {title: "bytes sent by all peers", text: bytes},
};

// Plots that stand below each other have their vertical axes in line.
const AXIS_WIDTH = 78;

const charts = new Map();  // By the name of the plot.

function isMeasured(values) {
  return values !== undefined && values.some((value) => value !== null);
}

function isNotZero(values) {
  return values !== undefined && values.some((value) => value !== null && value !== 0);
}

function points(xs, ys) {
  return xs.map((x, i) => ({x, y: ys[i]}));
}

// Where an instant of virtual time lies on another axis, between the evaluations around it.
function placeOf(time, axis, metrics) {
  if (axis === "time_s") return time;
  let before = {time: 0, value: 0};
  for (let i = 0; i < metrics.time_s.length; ++i) {
    const after = {time: metrics.time_s[i], value: metrics[axis][i]};
    if (time <= after.time) {
      const span = after.time - before.time;
      const share = span > 0 ? (time - before.time) / span : 1;
      return before.value + share * (after.value - before.value);
    }
    before = after;
  }
  return before.value;
}

function line(label, color, data, more = {}) {
  return {
    label, data, borderColor: color, backgroundColor: color, borderWidth: 2, tension: 0,
    pointRadius: data.length > 40 ? 0 : 2.5, pointHoverRadius: 4, ...more,
  };
}

// A band between two series: the upper one is filled down to the lower one, which follows it.
function band(labels, color, upper, lower) {
  const bare = {borderWidth: 0, pointRadius: 0, pointHoverRadius: 0};
  return [
    line(labels[0], color, upper, {...bare, fill: "+1", backgroundColor: withOpacity(color, 0.22)}),
    line(labels[1], color, lower, {...bare, isHidden: true}),
  ];
}

// Thin vertical lines where something happened.
const faultLines = {
  id: "faultLines",
  beforeDatasetsDraw(chart, unused, options) {
    const {ctx, chartArea, scales} = chart;
    ctx.save();
    ctx.strokeStyle = withOpacity("#d55e00", 0.35);
    ctx.lineWidth = 1;
    for (const place of options.places || []) {
      const x = scales.x.getPixelForValue(place);
      if (x < chartArea.left || x > chartArea.right) continue;
      ctx.beginPath();
      ctx.moveTo(x, chartArea.top);
      ctx.lineTo(x, chartArea.bottom);
      ctx.stroke();
    }
    ctx.restore();
  },
};

function scaleOptions(title, text, more = {}) {
  return {
    title: {display: title !== "", text: title, color: themeColor("faint")},
    grid: {color: themeColor("line"), borderColor: themeColor("line")},
    ...more,
    ticks: {color: themeColor("faint"), callback: (value) => text(value), ...more.ticks},
  };
}

function tooltipOptions(xText, yText) {
  return {
    callbacks: {
      title: (items) => items.length ? xText(items[0].parsed.x) : "",
      label: (item) => `${item.dataset.label}: ${yText(item.parsed.y)}`,
    },
  };
}

// plot: name, title, unit (of the vertical axis), text (of its numbers), datasets, and if they
// are there: note, y (more of its scale), places (of fault lines), x (another horizontal axis).
function chartOptions(plot, axis, end) {
  const x = plot.x || {title: axis.title, text: axis.text, max: end};
  return {
    animation: false,
    maintainAspectRatio: false,
    parsing: false,
    normalized: true,
    interaction: {mode: "index", intersect: false},
    scales: {
      x: scaleOptions(x.title, x.text, {
        type: "linear", min: 0, max: x.max, ticks: {maxRotation: 0, autoSkipPadding: 16},
      }),
      y: scaleOptions(plot.unit, plot.text, {
        afterFit: (scale) => { scale.width = AXIS_WIDTH; }, ...plot.y,
      }),
    },
    plugins: {
      legend: {
        labels: {
          color: themeColor("text"), boxWidth: 18, boxHeight: 3,
          filter: (item, data) => !data.datasets[item.datasetIndex].isHidden,
        },
      },
      tooltip: tooltipOptions(x.text, plot.text),
      faultLines: {places: plot.places},
    },
  };
}

function addPlot(plot, axis, end) {
  const card = element("section", "card");
  card.dataset.plot = plot.name;
  card.append(element("h2", "", plot.title));
  const frame = card.appendChild(element("div", "plot"));
  const canvas = frame.appendChild(element("canvas"));
  byId("curves").append(card);
  charts.set(plot.name, new Chart(canvas, {
    type: "line", data: {datasets: plot.datasets}, options: chartOptions(plot, axis, end),
    plugins: [faultLines],
  }));
  if (plot.note) card.append(element("p", "", plot.note));
  return card;
}

// One lane for each kind of event; the larger a mark, the more events it stands for.
function addFaultLanes(card, name, events, axisName, metrics, end) {
  const kinds = [...new Set(events.map((event) => event.kind))];
  const frame = card.appendChild(element("div", "plot lanes"));
  frame.style.height = `${52 + 24 * kinds.length}px`;
  const canvas = frame.appendChild(element("canvas"));
  const data = events.map((event) => ({
    x: placeOf(event.from_s, axisName, metrics), y: kinds.indexOf(event.kind), event,
  }));
  const colors = data.map((point) => CATEGORY_COLORS[(point.y + 1) % CATEGORY_COLORS.length]);
  const radius = (point) => Math.min(4 + Math.log2(point.event.count), 11);
  const options = chartOptions(
    {unit: "", text: (value) => (kinds[value] || "").replaceAll("_", " ").slice(0, 12)},
    AXES[axisName], end);
  Object.assign(options.scales.y, {min: -0.5, max: kinds.length - 0.5, reverse: true});
  Object.assign(options.scales.y.ticks, {stepSize: 1, autoSkip: false, font: {size: 11}});
  options.scales.y.afterBuildTicks = (scale) => {
    scale.ticks = kinds.map((unused, value) => ({value}));
  };
  options.interaction = {mode: "nearest", intersect: true};
  options.plugins.legend.display = false;
  options.plugins.tooltip.callbacks = {title: () => "", label: (item) => eventText(item.raw.event)};
  charts.set(name, new Chart(canvas, {
    type: "scatter", options,
    data: {datasets: [{label: "faults", data, backgroundColor: colors, borderColor: colors,
                       pointRadius: data.map(radius), pointHoverRadius: data.map(radius)}]},
  }));
}

function eventText(event) {
  const kind = event.kind.replaceAll("_", " ");
  const when = duration(event.from_s);
  if (event.count === 1) return `${kind} at ${when}${event.what ? `: ${event.what}` : ""}`;
  return `${kind}: ${count(event.count)} from ${when} to ${duration(event.until_s)}`;
}

// The plots that the run has numbers for.
function plotsOf(data, axisName, isLogarithmic) {
  const m = data.metrics;
  const xs = m[axisName];
  const at = (ys) => points(xs, ys);
  const [blue, red, green] = CATEGORY_COLORS;
  const magnitude = isLogarithmic ? {type: "logarithmic"} : {beginAtZero: true};
  const few = data.events.length <= 40 ? data.events : [];
  const places = few.map((event) => placeOf(event.from_s, axisName, m));
  const plots = [];
  const add = (name, title, unit, text, datasets, more = {}) => {
    if (datasets.length > 0) plots.push({name, title, unit, text, datasets, ...more});
  };
  if (isMeasured(m.accuracy_mean)) {
    const extra = [
      ["accuracy_before_mixing", "before mixing", "#cc79a7"],
      ["accuracy_mean_model", "mean model", "#009e73"],
      ["accuracy_local", "on own labels", "#e69f00"],
    ].filter(([column]) => isMeasured(m[column]));
    add("accuracy", "Test accuracy", "accuracy", fraction, [
      line("mean of the peers", blue, at(m.accuracy_mean)),
      line("worst peer", red, at(m.accuracy_min), {borderDash: [5, 4]}),
      ...extra.map(([column, label, color]) => line(label, color, at(m[column]))),
      ...band(["10th to 90th percentile", "10th percentile"], blue, at(m.accuracy_p90),
              at(m.accuracy_p10)),
    ], {places});
  }
  if (isMeasured(m.loss_mean)) {
    add("loss", "Test loss", "loss", measure, [
      line("mean of the peers", blue, at(m.loss_mean)),
      line("worst peer", red, at(m.loss_max), {borderDash: [5, 4]}),
      ...band(["10th to 90th percentile", "10th percentile"], blue, at(m.loss_p90),
              at(m.loss_p10)),
    ], {y: magnitude, places});
  }
  if (isMeasured(m.consensus_distance)) {
    const within = m.components.some((value) => value > 1)
      ? [line("to the mean of the own side", green, at(m.consensus_distance_within))] : [];
    add("consensus", "Consensus distance", "root mean square", measure, [
      line("to the mean of all models", blue, at(m.consensus_distance)), ...within,
    ], {y: magnitude, places});
  }
  add("bytes", "Bytes sent", "", bytes,
      [line("all peers, from the start", blue, at(m.bytes_sent))], {y: {beginAtZero: true}});
  add("messages", "Messages", "", compact, [
    ["messages_sent", "sent"], ["messages_dropped", "dropped"], ["messages_late", "late"],
    ["messages_refused", "refused"],
  ].filter(([column]) => isNotZero(m[column])).map(([column, label], i) =>
    line(label, CATEGORY_COLORS[i], at(m[column]))), {y: {beginAtZero: true}});
  if (new Set(m.live_peers).size > 1 || new Set(m.components).size > 1) {
    add("live", "Live peers", "peers", count, [
      line("live peers", blue, at(m.live_peers)),
      line("components of the live graph", red, at(m.components)),
    ], {y: {beginAtZero: true}, places});
  }
  if (isNotZero(m.staleness_mean)) {
    add("staleness", "Staleness of combined models", "rounds behind", measure,
        [line("mean", blue, at(m.staleness_mean))], {y: {beginAtZero: true}});
  }
  return plots;
}

// Share of the peers that have reached each target accuracy, over virtual time.
function reachedPlot(data) {
  const end = Math.max(...data.metrics.time_s);
  const datasets = data.reached.map((target, i) => {
    const steps = target.seconds.map((x, k) => ({x, y: target.ranks[k] / target.peers}));
    const last = steps.length ? steps[steps.length - 1].y : 0;
    const reached = target.ranks.length ? target.ranks[target.ranks.length - 1] : 0;
    return line(`accuracy ${target.target} (${count(reached)} of ${count(target.peers)} peers)`,
                CATEGORY_COLORS[i % CATEGORY_COLORS.length],
                [{x: 0, y: 0}, ...steps, {x: end, y: last}],
                {stepped: "before", pointRadius: 0});
  });
  return {
    name: "reached", title: "Time to accuracy", unit: "share of the peers", text: percent,
    datasets, y: {min: 0, max: 1}, x: {title: "virtual time", text: duration, max: end},
  };
}

function showCurves(data, axisName, isLogarithmic) {
  for (const chart of charts.values()) chart.destroy();
  charts.clear();
  byId("curves").replaceChildren();
  if (data.metrics.round.length === 0) return;
  const end = Math.max(...data.metrics[axisName]);
  for (const plot of plotsOf(data, axisName, isLogarithmic)) {
    const card = addPlot(plot, AXES[axisName], end);
    if (data.events.length > 0 && ["accuracy", "loss"].includes(plot.name)) {
      addFaultLanes(card, `faults-${plot.name}`, data.events, axisName, data.metrics, end);
    }
  }
  if (data.reached.length > 0 && isMeasured(data.metrics.accuracy_mean)) {
    addPlot(reachedPlot(data), AXES.time_s, end);
  }
}
