/* Reads hours as core/durations.py does, for an echo while somebody types; what is in doubt is left to the server. */
const MOST_HOURS = 99_999;
const PER_HOUR = 360_000;
const NUMBER = /^(\d{1,5})(?:([.,])(\d{1,4}))?$/;
const CLOCK = /^(\d{1,5}):(\d\d)(?::(\d\d))?$/;
const HOURS_AND_MINUTES = /^(\d{1,5}) ?h ?(?:(\d{1,2}) ?m(?:in)?|(\d\d))$/;
const HOURS = /^([0-9.,]+) ?h$/;
const MINUTES = /^(\d{1,7}) ?m(?:in)?$/;

/* Hundredths of a second: four places of an hour and whole seconds are both whole numbers of them. */
const sized = (parts) => (parts <= MOST_HOURS * PER_HOUR ? parts : null);

function ofParts(hours, minutes, seconds) {
  if (minutes >= 60 || seconds >= 60) return null;
  return sized(((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 100);
}

function ofNumber(text, mark) {
  const parts = NUMBER.exec(text);
  if (!parts) return null;
  const [, whole, between, decimals = ""] = parts;
  // 1.234 in German may be a thousand: the server asks which.
  if (between && between !== mark && decimals.length === 3 && /^[1-9]\d{0,2}$/.test(whole)) return null;
  return sized((Number(whole) * 10_000 + Number(decimals.padEnd(4, "0"))) * 36);
}

/* Hundredths of a second that a text means, or null; `mark` stands before the decimals in the page's language. */
export function read(text, mark) {
  const bare = text.replace(/\s/g, " ").trim().toLowerCase();
  const clock = CLOCK.exec(bare);
  if (clock) return ofParts(clock[1], clock[2], clock[3] ?? 0);
  const both = HOURS_AND_MINUTES.exec(bare);
  if (both) return ofParts(both[1], both[2] ?? both[3], 0);
  const minutes = MINUTES.exec(bare);
  if (minutes) return sized(Number(minutes[1]) * 6_000);
  const hours = HOURS.exec(bare);
  return ofNumber(hours ? hours[1] : bare, mark);
}

/* Hours with two places at least and four at most, as the page writes them. */
export function written(parts, mark) {
  const digits = String(Math.round(parts / 36)).padStart(5, "0");
  const decimals = digits.slice(-4).replace(/0{1,2}$/, "");
  return `${digits.slice(0, -4)}${mark}${decimals}`;
}

/* Whether the page says what was read: a plain number in the page's own words needs no echo. */
export const isPlain = (text, mark) => new RegExp(`^\\s*\\d+(?:\\${mark}\\d+)?\\s*$`).test(text);
