/* The lines of a draft: one box ticks all of the page, and the buttons say how many lines they act on. */
const form = document.getElementById("lines");
const head = document.querySelector("[data-all-lines]");
const number = new Intl.NumberFormat(document.documentElement.lang || "en-GB");

/* Read each time: a line that was edited in its place comes back with a new box. */
const boxes = () => [...document.querySelectorAll("input[name=row][form=lines]")];

function show() {
  const all = boxes();
  const count = all.filter((box) => box.checked).length;
  for (const box of all) box.closest("tr").classList.toggle("selected", box.checked);
  head.checked = count > 0 && count === all.length;
  head.indeterminate = count > 0 && count < all.length;
  for (const button of form.querySelectorAll("[data-one]")) {
    button.dataset.label ??= button.textContent;
    button.disabled = count === 0;
    const words = count === 1 ? button.dataset.one : button.dataset.many;
    button.textContent = count ? words.replace("{count}", number.format(count)) : button.dataset.label;
  }
}

if (form && head) {
  head.closest("label").hidden = false;
  head.addEventListener("change", () => {
    for (const box of boxes()) box.checked = head.checked;
    show();
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches?.("input[name=row][form=lines]")) show();
  });
  document.addEventListener("htmx:afterSwap", show);
  show();
}
