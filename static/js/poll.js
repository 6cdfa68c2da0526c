/* Keeps the part of a page marked data-poll fresh: every two seconds, slower while nothing changes, not at all
   while the page is hidden or when the answer says data-poll="done". Without script the refresh link remains. */
const FIRST = 2000;
const SLOWEST = 10000;

const region = document.querySelector("[data-poll]");
const marks = [25, 50, 75, 100];
let wait = FIRST;
let timer = 0;

function spoken(fresh) {
  const voice = document.querySelector("[data-poll-voice]");
  const before = Number(region.dataset.percent || 0);
  const now = Number(fresh.dataset.percent || 0);
  const failures = fresh.dataset.failures !== region.dataset.failures;
  const passed = marks.some((mark) => before < mark && now >= mark);
  if (voice && (passed || failures)) voice.textContent = fresh.dataset.announcement || "";
}

async function refresh() {
  try {
    const answer = await fetch(location.href, { headers: { "X-Requested-With": "poll" } });
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-poll]");
    if (!fresh) return;
    const changed = fresh.innerHTML !== region.innerHTML;
    if (changed && !region.contains(document.activeElement)) {
      spoken(fresh);
      region.innerHTML = fresh.innerHTML;
      for (const name of Object.keys(fresh.dataset)) region.dataset[name] = fresh.dataset[name];
    }
    wait = changed ? FIRST : Math.min(wait * 1.5, SLOWEST);
  } catch {
    wait = SLOWEST;
  }
  next();
}

function next() {
  clearTimeout(timer);
  if (region.dataset.poll !== "done" && !document.hidden) timer = setTimeout(refresh, wait);
}

if (region) {
  document.addEventListener("visibilitychange", () => {
    wait = FIRST;
    next();
  });
  next();
}
