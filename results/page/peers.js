"use strict";

// The peers one by one: a heat map over time and the graph at one moment, on canvases.

const MOST_ROWS = 400;  // Of a heat map; more peers share rows.

// What is shown of the peers, and how.
class PeerView {
  constructor(data) {
    this.graph = data.graph;
    this.peers = data.peers;
    this.numPeers = data.num_peers;
    this.moment = Math.max(this.peers.values.length - 1, 0);
    this.axis = "round";
    this.color = "measure";
    this.order = "id";
    this.slot = new Map(this.peers.ids.map((id, i) => [id, i]));
    this.roles = [...new Set(this.peers.roles)].sort();
    this.range = "all";
    this.scaleOfAll = scaleOf(this.peers.values.flat(), this.peers.measure);
    this.scale = this.scaleOfAll;
    this.neighbors = neighborCounts(data.graph);
  }

  setMoment(moment) {
    this.moment = moment;
    this.scale = this.range === "all" ? this.scaleOfAll
                                      : scaleOf(this.peers.values[moment], this.peers.measure);
  }

  momentText() {
    const {round, time_s, bytes_sent} = this.peers;
    if (round.length === 0) return "";
    const i = this.moment;
    return `round ${count(round[i])}, ${duration(time_s[i])}, ${bytes(bytes_sent[i])} sent`;
  }

  // The peers as they stand in the heat map, from top to bottom.
  ordered() {
    const slots = this.peers.ids.map((unused, i) => i);
    if (this.order === "id") return slots;
    const last = this.peers.values[this.peers.values.length - 1];
    const key = (slot) => last[slot] === null ? -Infinity : last[slot];
    return slots.sort((a, b) => key(b) - key(a) || a - b);
  }

  colorOf(peer) {
    const slot = this.slot.get(peer);
    if (slot === undefined) return null;
    const value = this.peers.values[this.moment][slot];
    if (value === null) return null;
    if (this.color === "role") {
      return CATEGORY_COLORS[this.roles.indexOf(this.peers.roles[slot]) % CATEGORY_COLORS.length];
    }
    return `rgb(${colorAt(this.scale.place(value)).join(",")})`;
  }

  textOf(peer) {
    const slot = this.slot.get(peer);
    const links = this.neighbors ? `, ${count(this.neighbors[peer])} neighbors` : "";
    if (slot === undefined) return `peer ${peer}: not tested${links}`;
    const value = this.peers.values[this.moment][slot];
    const shown = value === null ? "not tested then" : `${this.peers.measure} ${measure(value)}`;
    return `peer ${peer}: ${shown}, ${this.peers.roles[slot]}, ` +
           `${count(this.peers.samples[slot])} training samples${links}`;
  }
}

// From a value to a place between 0 and 1; losses that span magnitudes by their logarithms.
function scaleOf(all, name) {
  const values = all.filter((value) => value !== null);
  if (values.length === 0) return {low: 0, high: 1, place: () => 0.5};
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const isLogarithmic = name === "loss" && low > 0 && high / low > 100;
  const through = isLogarithmic ? Math.log : (value) => value;
  const span = through(high) - through(low);
  return {low, high, place: (value) => span > 0 ? (through(value) - through(low)) / span : 0.5};
}

function neighborCounts(graph) {
  if (graph.ends.length !== 2 * graph.num_edges || graph.ends.length === 0) return null;
  const counts = new Array(graph.x.length).fill(0);
  for (const end of graph.ends) ++counts[end];
  return counts;
}

// A canvas of its size on the screen; its context draws in CSS pixels.
function prepare(canvas) {
  const {width, height} = canvas.getBoundingClientRect();
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  context.font = "12px system-ui, 'DejaVu Sans', sans-serif";
  return {context, width, height};
}

// The mean over each row's peers at each moment, as an image of one pixel each.
function heatImage(view, slots, rows) {
  const columns = view.peers.values.length;
  const image = new ImageData(columns, rows);
  for (let row = 0; row < rows; ++row) {
    const from = Math.floor(row * slots.length / rows);
    const until = Math.floor((row + 1) * slots.length / rows);
    for (let column = 0; column < columns; ++column) {
      let sum = 0;
      let tested = 0;
      for (let i = from; i < until; ++i) {
        const value = view.peers.values[column][slots[i]];
        if (value === null) continue;
        sum += value;
        ++tested;
      }
      if (tested === 0) continue;  // Stays transparent.
      image.data.set([...colorAt(view.scale.place(sum / tested)), 255],
                     4 * (row * columns + column));
    }
  }
  return image;
}

function heatArea(width, height) {
  return {left: 58, top: 8, width: width - 58 - 96, height: height - 8 - 44};
}

function drawHeatAxes(view, context, area, rows, slots) {
  context.fillStyle = themeColor("faint");
  context.textAlign = "center";
  const columns = view.peers.values.length;
  const axis = AXES[view.axis];
  const labels = Math.min(columns, Math.max(2, Math.floor(area.width / 90)));
  for (let i = 0; i < labels; ++i) {
    const column = labels === 1 ? 0 : Math.round(i * (columns - 1) / (labels - 1));
    const x = area.left + (column + 0.5) * area.width / columns;
    context.fillText(axis.text(view.peers[view.axis][column]), x, area.top + area.height + 16);
  }
  context.fillText(axis.title, area.left + area.width / 2, area.top + area.height + 36);
  context.textAlign = "right";
  const marks = Math.min(rows, 9);
  for (let i = 0; i < marks; ++i) {
    const row = marks === 1 ? 0 : Math.round(i * (rows - 1) / (marks - 1));
    const y = area.top + (row + 0.5) * area.height / rows;
    const first = Math.floor(row * slots.length / rows);
    const text = view.order === "id" ? view.peers.ids[slots[first]] : `#${first + 1}`;
    context.fillText(text, area.left - 8, y + 4);
  }
  context.save();
  context.translate(12, area.top + area.height / 2);
  context.rotate(-Math.PI / 2);
  context.textAlign = "center";
  context.fillText(view.order === "id" ? "peer" : "rank by the last value", 0, 0);
  context.restore();
}

function drawColorBar(view, context, area) {
  const left = area.left + area.width + 20;
  for (let y = 0; y < area.height; ++y) {
    context.fillStyle = `rgb(${colorAt(1 - y / area.height).join(",")})`;
    context.fillRect(left, area.top + y, 14, 1.5);
  }
  context.fillStyle = themeColor("faint");
  context.textAlign = "left";
  context.fillText(measure(view.scale.high), left + 20, area.top + 10);
  context.fillText(measure(view.scale.low), left + 20, area.top + area.height);
  context.fillText(view.peers.measure, left + 20, area.top + area.height / 2);
}

function drawHeatMap(view) {
  const {context, width, height} = prepare(byId("heat-map"));
  const area = heatArea(width, height);
  const slots = view.ordered();
  const rows = Math.min(slots.length, MOST_ROWS);
  const columns = view.peers.values.length;
  if (rows === 0 || columns === 0) return;
  const source = element("canvas");
  source.width = columns;
  source.height = rows;
  source.getContext("2d").putImageData(heatImage(view, slots, rows), 0, 0);
  context.fillStyle = themeColor("missing");
  context.fillRect(area.left, area.top, area.width, area.height);
  context.imageSmoothingEnabled = false;
  context.drawImage(source, area.left, area.top, area.width, area.height);
  const x = area.left + view.moment * area.width / columns;
  context.lineWidth = 2;
  context.strokeStyle = themeColor("text");
  context.strokeRect(x, area.top - 3, area.width / columns, area.height + 6);
  drawHeatAxes(view, context, area, rows, slots);
  drawColorBar(view, context, area);
}

// Where peers are on a canvas of this size, and how large.
function graphPlaces(view, width, height) {
  const radius = Math.min(9, Math.max(1.6, 0.36 * Math.min(width, height) /
                                             Math.sqrt(view.graph.x.length)));
  const size = Math.min(width, height) - 2 * radius - 26;
  const left = (width - size) / 2;
  const at = (peer) => ({x: left + size * view.graph.x[peer],
                         y: radius + 4 + size * view.graph.y[peer]});
  return {radius, at};
}

function drawRoles(view, context, height) {
  let x = 4;
  context.textAlign = "left";
  view.roles.forEach((role, i) => {
    context.fillStyle = CATEGORY_COLORS[i % CATEGORY_COLORS.length];
    context.fillRect(x, height - 14, 12, 12);
    context.fillStyle = themeColor("text");
    context.fillText(role, x + 17, height - 4);
    x += 34 + context.measureText(role).width;
  });
}

function drawGraph(view) {
  const {context, width, height} = prepare(byId("graph"));
  const {radius, at} = graphPlaces(view, width, height);
  const {ends, x} = view.graph;
  context.strokeStyle = themeColor("missing");
  context.lineWidth = ends.length > 1000 ? 0.3 : 1;
  context.beginPath();
  for (let i = 0; i < ends.length; i += 2) {
    const from = at(ends[i]);
    const to = at(ends[i + 1]);
    context.moveTo(from.x, from.y);
    context.lineTo(to.x, to.y);
  }
  context.stroke();
  for (let peer = 0; peer < x.length; ++peer) {
    const place = at(peer);
    const color = view.colorOf(peer);
    context.beginPath();
    context.arc(place.x, place.y, radius, 0, 2 * Math.PI);
    context.fillStyle = color || themeColor("card");
    context.fill();
    if (color === null || radius > 4) {
      context.strokeStyle = color === null ? themeColor("missing") : themeColor("card");
      context.stroke();
    }
  }
  if (view.color === "role") drawRoles(view, context, height);
}

// The peer at a place on the heat map, and the moment; nothing outside of it.
function pointedInHeatMap(view, event) {
  const box = byId("heat-map").getBoundingClientRect();
  const area = heatArea(box.width, box.height);
  const across = (event.clientX - box.left - area.left) / area.width;
  const down = (event.clientY - box.top - area.top) / area.height;
  if (across < 0 || across >= 1 || down < 0 || down >= 1) return null;
  const slots = view.ordered();
  return {peer: view.peers.ids[slots[Math.floor(down * slots.length)]],
          moment: Math.floor(across * view.peers.values.length)};
}

function pointedInGraph(view, event) {
  const box = byId("graph").getBoundingClientRect();
  const {radius, at} = graphPlaces(view, box.width, box.height);
  let nearest = null;
  let distance = Math.max(radius, 5) ** 2;
  for (let peer = 0; peer < view.graph.x.length; ++peer) {
    const place = at(peer);
    const square = (place.x - event.clientX + box.left) ** 2 +
                   (place.y - event.clientY + box.top) ** 2;
    if (square <= distance) [nearest, distance] = [peer, square];
  }
  return nearest;
}
