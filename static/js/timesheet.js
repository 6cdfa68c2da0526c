/* Keys of the weekly grid. Without them every button is there: nothing here is needed to save. */
const form = document.getElementById("week");
const inputs = () => [...form.querySelectorAll(".timesheet .cell input")];
const column = (input) => input.closest("td").cellIndex;

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
    input.value = input.defaultValue;
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

// What was opened to be described is where the person was typing.
form.querySelector(".describing input:not([type=hidden])")?.focus();
