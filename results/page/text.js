"use strict";

// Numbers as text, colors, and elements of the page.

function count(value) {
  return value.toLocaleString("en-US", {maximumFractionDigits: 2});
}

function compact(value) {
  return value.toLocaleString("en-US", {notation: "compact", maximumSignificantDigits: 3});
}

function duration(seconds) {
  if (seconds === 0) return "0 s";
  const short = (value, unit) => `${Number(value.toPrecision(3))} ${unit}`;
  if (seconds < 1e-3) return short(seconds * 1e6, "us");
  if (seconds < 1) return short(seconds * 1e3, "ms");
  if (seconds < 60) return short(seconds, "s");
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

function bytes(value) {
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  let power = 0;
  while (value >= 1000 && power + 1 < units.length) {
    value /= 1000;
    ++power;
  }
  return `${Number(value.toPrecision(3))} ${units[power]}`;
}

function fraction(value) {
  return String(Number(value.toPrecision(4)));
}

function percent(value) {
  return `${Number((100 * value).toPrecision(3))} %`;
}

function measure(value) {
  const size = Math.abs(value);
  if (value === 0 || (size >= 1e-3 && size < 1e6)) return String(Number(value.toPrecision(4)));
  return value.toExponential(2);
}

function themeColor(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

// Viridis (S. van der Walt, N. Smith, 2015): legible in grey and to the color-blind.
const VIRIDIS = [
  [68, 1, 84], [72, 40, 120], [62, 74, 137], [49, 104, 142], [38, 130, 142],
  [31, 158, 137], [53, 183, 121], [109, 205, 89], [180, 222, 44], [253, 231, 37],
];

// The color at a place from 0 to 1, as [red, green, blue].
function colorAt(place) {
  const position = Math.min(Math.max(place, 0), 1) * (VIRIDIS.length - 1);
  const low = Math.min(Math.floor(position), VIRIDIS.length - 2);
  return VIRIDIS[low].map((from, i) =>
    Math.round(from + (VIRIDIS[low + 1][i] - from) * (position - low)));
}

// M. Okabe, K. Ito, 2008: colors that the color-blind tell apart.
const CATEGORY_COLORS =
  ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#f0e442", "#8c8c8c"];

function withOpacity(color, opacity) {
  return color + Math.round(255 * opacity).toString(16).padStart(2, "0");
}

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function byId(id) {
  return document.getElementById(id);
}
