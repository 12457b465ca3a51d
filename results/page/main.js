"use strict";

// Puts the page together and follows its controls; on a live page also its server.

const page = {data: null, view: null, charts};
window.hearsay = page;

const CHOICES = ["color", "range", "order"];  // Of the peers' pictures.

function chosenAxis() {
  return document.querySelector("input[name=axis]:checked").value;
}

function showHeader(data) {
  byId("name").textContent = data.name;
  byId("status").textContent = data.status || "not finished";
  byId("description").textContent = data.description;
  byId("headlines").replaceChildren(...data.headlines.map((headline) => {
    const card = element("div", "card headline");
    card.append(element("span", "", headline.label), element("strong", "", headline.value),
                element("small", "", headline.note));
    return card;
  }));
  for (const id of ["scenario", "manifest", "summary"]) {
    byId(id).textContent = data[id];
    byId(id).parentElement.hidden = data[id] === "";
  }
}

function drawPeers() {
  if (byId("peers").hidden) return;
  byId("moment-text").textContent = page.view.momentText();
  drawHeatMap(page.view);
  if (!byId("graph").parentElement.hidden) drawGraph(page.view);
}

function setMoment(moment) {
  page.view.setMoment(moment);
  byId("moment").value = moment;
  drawPeers();
}

function showPeers(data) {
  const view = new PeerView(data);
  view.axis = chosenAxis();
  for (const what of CHOICES) {
    if (page.view) view[what] = page.view[what];
  }
  page.view = view;
  byId("peers").hidden = view.peers.values.length === 0;
  byId("moment").max = Math.max(view.peers.values.length - 1, 0);
  byId("color").replaceChildren(
    new Option(view.peers.measure, "measure"), new Option("role", "role"));
  byId("color").value = view.color;
  byId("graph").parentElement.hidden = data.graph.x.length === 0;
  const shown = view.peers.ids.length;
  const each = shown > MOST_ROWS ? `; each row is the mean of about ${
    Math.round(shown / MOST_ROWS)} peers` : "";
  byId("heat-map-text").textContent =
    `${view.peers.measure} of ${count(shown)} tested peers${each}; grey: not tested`;
  byId("graph-text").textContent =
    `${count(data.graph.x.length)} peers, ${count(data.graph.num_edges)} links. ` +
    `${data.graph.note} Hollow: not tested at that moment.`;
  setMoment(view.moment);
}

// What was left out, and by which rule.
function showNotes(data) {
  const notes = [];
  const rows = data.metrics.round.length;
  if (rows < data.num_rows) {
    notes.push(`Curves show ${count(rows)} of ${count(data.num_rows)} evaluations: the first, ` +
               "the last and evenly spaced ones between.");
  }
  const moments = data.peers.values.length;
  if (moments > 0 && moments < data.num_rows) {
    notes.push(`Single peers are shown at ${count(moments)} of ${count(data.num_rows)} ` +
               "evaluations: the first, the last and evenly spaced ones between.");
  }
  if (data.peers.ids.length < data.num_peers) {
    notes.push(`${count(data.peers.ids.length)} of ${count(data.num_peers)} peers are shown one ` +
               "by one.");
  }
  if (data.graph.ends.length > 0 && data.graph.ends.length < 2 * data.graph.num_edges) {
    notes.push(`${count(data.graph.ends.length / 2)} of ${count(data.graph.num_edges)} links are ` +
               "drawn.");
  }
  notes.push("Numbers of single peers are rounded to four digits, all others are those of the " +
             "run's CSV files. Charts: Chart.js (MIT licence).");
  byId("notes").textContent = notes.join(" ");
}

function redrawCurves() {
  showCurves(page.data, chosenAxis(), byId("logarithmic").checked);
}

function show(data) {
  page.data = data;
  showHeader(data);
  redrawCurves();
  showPeers(data);
  showNotes(data);
}

function play() {
  const button = byId("play");
  if (page.timer) {
    clearInterval(page.timer);
    page.timer = null;
    button.textContent = "Play";
    return;
  }
  button.textContent = "Pause";
  page.timer = setInterval(() => {
    setMoment((page.view.moment + 1) % page.view.peers.values.length);
  }, 300);
}

function listen() {
  byId("axis").addEventListener("change", () => {
    redrawCurves();
    page.view.axis = chosenAxis();
    drawPeers();
  });
  byId("logarithmic").addEventListener("change", redrawCurves);
  byId("moment").addEventListener("input", (event) => setMoment(Number(event.target.value)));
  byId("play").addEventListener("click", play);
  for (const what of CHOICES) {
    byId(what).addEventListener("change", (event) => {
      page.view[what] = event.target.value;
      setMoment(page.view.moment);
    });
  }
  byId("heat-map").addEventListener("mousemove", (event) => {
    const pointed = pointedInHeatMap(page.view, event);
    byId("pointed").textContent = pointed ? page.view.textOf(pointed.peer) : "";
  });
  byId("heat-map").addEventListener("click", (event) => {
    const pointed = pointedInHeatMap(page.view, event);
    if (pointed) setMoment(pointed.moment);
  });
  byId("graph").addEventListener("mousemove", (event) => {
    const peer = pointedInGraph(page.view, event);
    byId("pointed").textContent = peer === null ? "" : page.view.textOf(peer);
  });
  window.addEventListener("resize", drawPeers);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    redrawCurves();
    drawPeers();
  });
}

// A live page shows what its server tells, until that ends.
function follow() {
  const events = new EventSource("events");
  events.addEventListener("data", (event) => {
    const last = page.view && page.view.moment === page.view.peers.values.length - 1;
    const moment = page.view ? page.view.moment : 0;
    show(JSON.parse(event.data));
    if (page.view.peers.values.length > moment && last === false) setMoment(moment);
  });
  events.addEventListener("end", () => events.close());
}

listen();
const embedded = JSON.parse(byId("data").textContent);
if (embedded) {
  show(embedded);
} else {
  follow();
}
