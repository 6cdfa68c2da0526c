/* Single keys for tables: they act only while no field has the focus, and can be switched off on this device. */
const STORED = "countinghouse-keys";
const box = document.getElementById("keys-on");
let on = true;
try {
  on = localStorage.getItem(STORED) !== "off";
} catch {
  /* without storage the keys stay on for this page */
}

if (box) {
  box.closest("[hidden]")?.removeAttribute("hidden");
  box.checked = on;
  box.addEventListener("change", () => {
    on = box.checked;
    try {
      localStorage.setItem(STORED, on ? "on" : "off");
    } catch {
      /* not kept, but it holds on this page */
    }
  });
}

const rows = () => [...document.querySelectorAll("main table tbody tr:not(.group, .reason)")];
const current = () => document.querySelector("main tr.current");

function move(step) {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(current());
  const to = all[Math.min(Math.max(at + step, 0), all.length - 1)];
  current()?.classList.remove("current");
  to.classList.add("current");
  to.scrollIntoView({ block: "nearest" });
}

function tick(range) {
  const input = current()?.querySelector(".checkbox-cell input[name=row]");
  input?.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, shiftKey: range }));
}

function press(key) {
  const target = [...document.querySelectorAll("[aria-keyshortcuts]")].find(
    (one) => one.getAttribute("aria-keyshortcuts") === key,
  );
  if (!target || target.disabled) return false;
  if (target.matches("input")) target.focus();
  else target.click();
  return true;
}

const ACTS = {
  j: () => move(1),
  k: () => move(-1),
  x: () => tick(false),
  X: () => tick(true),
  "?": () => document.getElementById("shortcuts")?.togglePopover(),
};

function busy(event) {
  const focus = event.target.closest?.("input:not([type=checkbox]), select, textarea, [contenteditable]");
  return Boolean(focus) || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]");
}

/* Where rows are ordered, Alt and an arrow move the row that has the focus. */
document.addEventListener("keydown", (event) => {
  const way = { ArrowUp: "up", ArrowDown: "down" }[event.key];
  const button = event.altKey && event.target.closest?.("[data-order] tr")?.querySelector(`[data-move="${way}"]`);
  if (!button || button.disabled) return;
  event.preventDefault();
  button.click();
});

document.addEventListener("keydown", (event) => {
  if (!on || busy(event)) return;
  if (event.key === "Enter") {
    if (event.target === document.body || event.target.closest?.(".table-scroll") === event.target) {
      current()?.querySelector("th a, td a")?.click();
    }
    return;
  }
  if (event.key === "Escape") {
    if (!document.querySelector(":popover-open")) document.querySelector("[data-clear]")?.click();
    return;
  }
  const act = ACTS[event.key];
  if (act) act();
  if (act || press(event.key)) event.preventDefault();
});
