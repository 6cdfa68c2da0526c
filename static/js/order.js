/* Rows of the page of an order are dragged by mouse or finger: what is let go stands in the field of its place, and
   is saved with the form. Without script, and by keyboard, the fields and the buttons do the same. */
const form = document.querySelector("form[data-order]");

class Dragging {
  constructor(body) {
    this.body = body;
    for (const row of this.rows()) this.offer(row);
    /* On the page, not on the handle: a row that moves in the page loses the pointer. */
    document.addEventListener("pointermove", (event) => {
      if (this.row) this.over(event.clientY);
    });
    for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => this.letGo());
  }

  rows() {
    return [...this.body.querySelectorAll("tr")];
  }

  field(row) {
    return row.querySelector("input.place");
  }

  /* The place of the first row of the page, which need not be the first one of all. */
  first() {
    return Math.min(...this.rows().map((row) => Number(this.field(row).defaultValue)));
  }

  offer(row) {
    const handle = row.querySelector("[data-handle]");
    if (!handle) return;
    handle.hidden = false;
    handle.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      this.row = row;
      row.classList.add("dragged");
    });
  }

  /* The dragged row goes before or behind the row under the pointer. */
  over(y) {
    const others = this.rows().filter((row) => row !== this.row);
    const next = others.find((row) => {
      const box = row.getBoundingClientRect();
      return y < box.top + box.height / 2;
    });
    if (next) {
      if (this.row.nextElementSibling !== next) next.before(this.row);
    } else if (this.body.lastElementChild !== this.row) {
      this.body.append(this.row);
    }
  }

  letGo() {
    if (!this.row) return;
    this.row.classList.remove("dragged");
    this.row = null;
    const first = this.first();
    this.rows().forEach((row, index) => {
      this.field(row).value = String(first + index);
    });
    const changed = this.rows().filter((row) => this.field(row).value !== this.field(row).defaultValue).length;
    const voice = form.querySelector("[data-order-voice]");
    voice.textContent = changed === 0 ? "" : changed === 1 ? voice.dataset.one : voice.dataset.many.replace("{count}", changed);
  }
}

if (form) new Dragging(form.querySelector("tbody"));
