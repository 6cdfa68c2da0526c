/* Notes of success leave by themselves after ten seconds; warnings and errors stay until they are dismissed. */
const LIFETIME = 10000;

for (const toast of document.querySelectorAll(".toast")) {
  const close = toast.querySelector("[data-dismiss]");
  close.hidden = false;
  close.addEventListener("click", () => toast.remove());
  if (toast.matches(".success, .info")) leaveLater(toast);
}

/* The time does not run while the pointer or the focus is on the toast, so that Undo can be reached. */
function leaveLater(toast) {
  let timer = setTimeout(() => toast.remove(), LIFETIME);
  for (const event of ["pointerenter", "focusin"]) toast.addEventListener(event, () => clearTimeout(timer));
  for (const event of ["pointerleave", "focusout"]) {
    toast.addEventListener(event, () => {
      clearTimeout(timer);
      timer = setTimeout(() => toast.remove(), LIFETIME);
    });
  }
}
