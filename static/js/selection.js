/* The selection of a list: ranges, totals per currency while ticking, and rows kept across pages and sorting.
   Amounts are whole numbers of the last place they came with; nothing here is a fraction or a rounding. */
const form = document.getElementById("selection");
const list = document.getElementById("list");

const boxes = () => [...list.querySelectorAll("input[type=checkbox][name=row]")];
const lang = document.documentElement.lang || "en-GB";

/* "1140.00" -> { units: 114000n, places: 2 } */
function parsed(text) {
  const [whole, part = ""] = text.split(".");
  return { units: BigInt(whole + part), places: part.length };
}

function added(one, other) {
  const places = Math.max(one.places, other.places);
  const raised = (value) => value.units * 10n ** BigInt(places - value.places);
  return { units: raised(one) + raised(other), places };
}

function text({ units, places }) {
  const digits = (units < 0n ? -units : units).toString().padStart(places + 1, "0");
  const whole = digits.slice(0, digits.length - places);
  const part = digits.slice(digits.length - places);
  return (units < 0n ? "-" : "") + whole + (part ? `.${part}` : "");
}

function written(sum, currency) {
  const style = { style: "currency", currency, minimumFractionDigits: trimmed(sum, currency) };
  style.maximumFractionDigits = Math.max(style.minimumFractionDigits, 0);
  return new Intl.NumberFormat(lang, style).format(text(sum)).replace("-", "−");
}

/* Stored places are more than shown ones: zeros at the end go, down to what the currency usually has. */
function trimmed(sum, currency) {
  const usual = Number(form.dataset[`places${currency}`] ?? 2);
  let { units, places } = sum;
  while (places > usual && units % 10n === 0n) {
    units /= 10n;
    places -= 1;
  }
  return places;
}

const number = new Intl.NumberFormat(lang);

/* What rows add up to in each currency, in words. */
function money(rows) {
  const sums = new Map();
  for (const { amount, currency } of rows) {
    if (amount && currency) sums.set(currency, sums.has(currency) ? added(sums.get(currency), parsed(amount)) : parsed(amount));
  }
  return [...sums].map(([currency, sum]) => written(sum, currency));
}

class Selection {
  constructor() {
    this.everything = "everything" in form.dataset;
    this.key = `countinghouse-selection:${location.pathname}`;
    this.kept = new Map();
    this.last = null;
    if ("done" in form.dataset) this.forget();
    if (!this.everything) this.restore();
  }

  restore() {
    let stored = null;
    try {
      stored = JSON.parse(sessionStorage.getItem(this.key));
    } catch {
      return;
    }
    if (!stored) {
      /* a selection that the server kept: rows on other pages come as fields of the form */
      for (const field of form.querySelectorAll("[data-carried]")) this.kept.set(field.value, { ...field.dataset });
      return;
    }
    if (stored.filter !== form.dataset.filter) {
      /* another list: its boxes stay as the page ticked them */
      if (stored.rows.length) this.say(form.dataset.cleared);
      return;
    }
    this.kept = new Map(stored.rows);
    this.drop();
    for (const box of boxes()) box.checked = this.kept.has(box.value);
  }

  /* Rows that were acted on are gone: what is kept is never more than the list has, and where the page shows all
     of it, nothing that is not here. */
  drop() {
    const count = Number(form.dataset.count);
    const shown = list.querySelectorAll("tbody .checkbox-cell input[type=checkbox]:not([data-group])").length;
    if (shown < count && this.kept.size <= count) return;
    const here = new Set(boxes().map((box) => box.value));
    for (const value of [...this.kept.keys()]) if (!here.has(value)) this.kept.delete(value);
  }

  say(words) {
    const bar = list.querySelector("[data-totals]");
    if (bar && words) bar.dataset.notice = words;
  }

  remember() {
    if (this.everything) return;
    for (const box of boxes()) {
      if (box.checked) this.kept.set(box.value, { ...box.dataset });
      else this.kept.delete(box.value);
    }
    try {
      sessionStorage.setItem(this.key, JSON.stringify({ filter: form.dataset.filter, rows: [...this.kept] }));
    } catch {
      /* a full or forbidden storage only costs what was ticked on other pages */
    }
  }

  /* Rows ticked on other pages travel with the form as hidden fields. */
  carry() {
    for (const old of form.querySelectorAll("[data-carried]")) old.remove();
    if (this.everything) return;
    const here = new Set(boxes().map((box) => box.value));
    for (const value of this.kept.keys()) {
      if (here.has(value)) continue;
      const field = document.createElement("input");
      Object.assign(field, { type: "hidden", name: "row", value });
      field.dataset.carried = "";
      form.append(field);
    }
  }

  forget() {
    this.kept.clear();
    try {
      sessionStorage.removeItem(this.key);
    } catch {
      /* nothing was kept */
    }
  }

  range(to) {
    const all = boxes();
    const [from, until] = [all.indexOf(this.last), all.indexOf(to)].sort((a, b) => a - b);
    if (from < 0) return;
    for (const box of all.slice(from, until + 1)) box.checked = to.checked;
  }

  show() {
    const all = boxes();
    for (const box of all) box.closest("tr").classList.toggle("selected", box.checked);
    for (const head of list.querySelectorAll("[data-all], [data-group]")) mark(head);
    const count = this.everything ? Number(form.dataset.count) - all.filter((box) => !box.checked).length : this.kept.size;
    const act = count > 0;
    for (const button of list.querySelectorAll("[data-act]")) button.disabled = !act;
    for (const button of list.querySelectorAll("button[data-one]")) this.count(button);
    const asking = list.querySelector("button[data-asks]");
    if (asking) this.ask(asking, act);
    this.banner(all.filter((box) => box.checked).length, all.length);
    if (!this.everything) this.totals(count);
  }

  banner(selected, page) {
    const banner = list.querySelector("[data-banner]");
    if (!banner) return;
    banner.classList.toggle("idle", selected === 0);
    const words = banner.querySelector("[data-template]");
    const blocked = list.querySelectorAll("tbody .checkbox-cell input:disabled").length;
    words.textContent = words.dataset.template.replace("{selected}", selected).replace("{page}", page + blocked);
    const left = banner.querySelector("[data-blocked]");
    left.textContent = (blocked === 1 ? left.dataset.one : left.dataset.many).replace("{blocked}", blocked);
    left.hidden = !blocked;
    /* the boxes of one page are all there are */
    for (const link of banner.querySelectorAll("[data-needless]")) link.hidden = true;
  }

  /* What the button makes of the ticked rows: how many documents, and how much per currency. */
  count(button) {
    const words = button.querySelector("span");
    button.dataset.label ??= words.textContent;
    const rows = this.everything ? [] : [...this.kept.values()].filter((row) => row.document);
    const documents = new Set(rows.map((row) => row.document)).size;
    const template = documents === 1 ? button.dataset.one : button.dataset.many;
    const filled = () => template.replace("{count}", number.format(documents)).replace("{sums}", money(rows).join(", "));
    words.textContent = documents ? filled() : button.dataset.label;
  }

  /* What the button would do, from the page that does it: what proformas come to is no sum of rows, because of
     discounts, retentions, advances and limits. Until the answer is there, the button has its usual words. */
  ask(button, act) {
    const words = button.querySelector("span");
    button.dataset.label ??= words.textContent;
    words.textContent = button.dataset.label;
    clearTimeout(this.asking);
    this.asked?.abort();
    if (!act) return;
    this.asking = setTimeout(async () => {
      const { signal } = (this.asked = new AbortController());
      const body = new FormData(form);
      body.set("ahead", "1");
      try {
        const answer = await fetch(button.formAction, { method: "POST", body, signal });
        const label = answer.ok && !answer.redirected ? await answer.text() : "";
        if (label && !signal.aborted) words.textContent = label;
      } catch {
        /* another row was ticked meanwhile, or nobody answered */
      }
    }, 150);
  }

  totals(count) {
    const bar = list.querySelector("[data-totals]");
    if (!bar) return; // a list without rows has no bar
    const units = new Map();
    for (const { quantity, unit } of this.kept.values()) {
      if (quantity && unit) units.set(unit, units.has(unit) ? added(units.get(unit), parsed(quantity)) : parsed(quantity));
    }
    const plain = new Intl.NumberFormat(lang, { minimumFractionDigits: 2, maximumFractionDigits: 4 });
    const parts = [...units].map(([unit, sum]) => `${plain.format(text(sum))} ${unit}`);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const head = document.createElement("b");
      head.textContent = bar.dataset.template.replace("{selected}", count);
      const tail = [...parts, ...money([...this.kept.values()])].join(", ");
      const sum = document.createElement("b");
      sum.textContent = tail;
      bar.replaceChildren(head, ...(tail ? [", ", sum] : []), ...(bar.dataset.notice ? [` ${bar.dataset.notice}`] : []));
      delete bar.dataset.notice;
    }, 60);
  }
}

function members(head) {
  return head.matches("[data-group]") ? boxes().filter((box) => box.closest("tbody") === head.closest("tbody")) : boxes();
}

function mark(head) {
  const all = members(head);
  const ticked = all.filter((box) => box.checked).length;
  head.checked = all.length > 0 && ticked === all.length;
  head.indeterminate = ticked > 0 && ticked < all.length;
}

function start() {
  const selection = new Selection();
  const changed = () => {
    selection.remember();
    selection.carry();
    selection.show();
  };
  list.addEventListener("click", (event) => {
    const box = event.target.closest?.("input[name=row]");
    if (!box) return;
    if (event.shiftKey && selection.last) selection.range(box);
    selection.last = box;
    changed();
  });
  list.addEventListener("change", (event) => {
    const head = event.target.closest?.("[data-all], [data-group]");
    if (!head) return;
    for (const box of members(head)) box.checked = head.checked;
    changed();
  });
  /* What is typed beside a row changes what is made of it. */
  list.addEventListener("input", (event) => {
    if (event.target.form === form && event.target.type !== "checkbox") selection.show();
  });
  form.addEventListener("reset", () => {
    if (selection.everything) return;
    selection.forget();
    for (const box of boxes()) box.checked = false;
    changed();
  });
  changed();
}

if (form && list) start();
