/* Keys and live figures of the weekly grid. Without them every button is there: nothing here is needed to save. */
import { isPlain, read, written } from "./durations.js";

const form = document.getElementById("week");
const table = form.querySelector(".timesheet");
const mark = form.dataset.mark;
const inputs = () => [...table.querySelectorAll(".cell input")];
const column = (input) => input.closest("td").cellIndex;

/* --- Figures: hours as they are typed, before anything is saved --- */

const inHours = (text) => Math.round(Number(text) * 100);

function partsOf(cell) {
  const input = cell.querySelector("input");
  return input ? (read(input.value, mark) ?? 0) : inHours(cell.dataset.seconds ?? 0);
}

function show(element, parts) {
  element.textContent = written(parts, mark);
  element.classList.toggle("zero", parts === 0);
}

function echo(input, isDone) {
  const parts = read(input.value, mark);
  const isRead = parts !== null && !isPlain(input.value, mark);
  const isDoubtful = isDone && parts === null && input.value.trim() !== "";
  let output = input.closest("td").querySelector("output");
  if (!output && (isRead || isDoubtful)) {
    output = document.createElement("output");
    output.className = "echo";
    input.closest("td").append(output);
  }
  if (output) output.textContent = isRead ? `= ${written(parts, mark)} h` : isDoubtful ? form.dataset.doubtful : "";
}

function total() {
  const days = { chargeable: [], other: [], all: [] };
  const projects = new Map();
  for (const row of table.querySelectorAll("tr[data-kind]")) {
    let sum = 0;
    for (const cell of row.querySelectorAll("td[data-day]")) {
      const parts = partsOf(cell);
      sum += parts;
      for (const kind of [row.dataset.kind, "all"]) {
        days[kind][cell.cellIndex] = (days[kind][cell.cellIndex] ?? 0) + parts;
      }
    }
    show(row.querySelector(".row-total"), sum);
    projects.set(row.dataset.project, (projects.get(row.dataset.project) ?? 0) + sum);
  }
  for (const row of table.querySelectorAll("tfoot tr")) {
    const sums = days[row.dataset.total];
    const cells = [...row.querySelectorAll("td")];
    for (const cell of cells.slice(0, -1)) show(cell, sums[cell.cellIndex] ?? 0);
    show(cells.at(-1), sums.reduce((sum, parts) => sum + (parts ?? 0), 0));
  }
  for (const item of document.querySelectorAll("[data-project-hours]")) {
    const parts = projects.get(item.dataset.projectHours) ?? 0;
    item.hidden = parts === 0;
    item.querySelector(".item-end").textContent = `${written(parts, mark)} h`;
  }
  const nothing = document.querySelector("[data-no-hours]");
  if (nothing) nothing.hidden = [...projects.values()].some((parts) => parts > 0);
  document.querySelector("[data-unsaved]").hidden = inputs().every(isSaved);
}

const isSaved = (input) => input.value === (input.dataset.saved ?? input.defaultValue);

/* --- Keys --- */

function below(input, step) {
  const same = inputs().filter((one) => column(one) === column(input));
  return same[same.indexOf(input) + step];
}

function go(input) {
  if (!input) return false;
  input.focus();
  input.select();
  return true;
}

const press = (name) => form.querySelector(`.action-bar [name=${name}]`)?.click();

const ACTS = {
  Enter: (input) => go(below(input, 1)),
  ArrowDown: (input) => go(below(input, 1)),
  ArrowUp: (input) => go(below(input, -1)),
  Escape: (input) => {
    // What could not be saved is still there to be mended; undoing it shows what is saved.
    input.value = input.dataset.saved ?? input.defaultValue;
    echo(input, false);
    total();
    return true;
  },
  F2: (input) => {
    // A cell that was never saved has no button yet: its descriptions open all the same.
    const button = document.createElement("button");
    button.name = "open";
    button.value = input.name.replace(/^h-/, "");
    button.hidden = true;
    form.append(button);
    button.click();
    return true;
  },
};

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && (event.key === "s" || event.key === "Enter")) {
    event.preventDefault();
    press(event.key === "s" ? "save" : "submit");
    return;
  }
  const act = event.target.matches?.(".timesheet .cell input") && ACTS[event.key];
  if (act && !event.altKey && !event.ctrlKey && act(event.target)) event.preventDefault();
});

table.addEventListener("input", (event) => {
  if (!event.target.matches(".cell input")) return;
  echo(event.target, false);
  total();
});
table.addEventListener("change", (event) => {
  if (event.target.matches(".cell input")) echo(event.target, true);
});

// Copied hours, and those that could not be saved, are typed already.
for (const input of inputs()) echo(input, false);
if (!inputs().every(isSaved)) total();

// What was opened to be described is where the person was typing, unless something must be mended first.
const describing = form.querySelector(".describing input:not([type=hidden])");
(form.querySelector("[aria-invalid=true]") ?? describing)?.focus();
