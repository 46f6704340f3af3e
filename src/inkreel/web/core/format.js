// Numbers and times as the reader's language writes them.

import { language, t } from "./i18n.js";

const number = (options) => new Intl.NumberFormat(language(), options);

export function percent(fraction) {
  return number({ style: "percent", maximumFractionDigits: 0 }).format(fraction);
}

export function count(value) {
  return number().format(value);
}

/** 75 → "1:15", 3675 → "1:01:15". */
export function clock(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const pair = (value) => String(value).padStart(2, "0");
  return hours ? `${hours}:${pair(minutes)}:${pair(rest)}` : `${minutes}:${pair(rest)}`;
}

/** A length in words, as exact as a reader wants it: "3 min 15 s", "2 h". */
export function span(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return t("seconds", { n: count(whole) });
  if (whole < 3600) {
    const rest = whole % 60;
    const minutes = t("minutes", { n: count(Math.floor(whole / 60)) });
    return rest ? `${minutes} ${t("seconds", { n: rest })}` : minutes;
  }
  if (whole < 172_800) {
    const rest = Math.round((whole % 3600) / 60);
    const hours = t("hours", { n: count(Math.floor(whole / 3600)) });
    return rest ? `${hours} ${t("minutes", { n: rest })}` : hours;
  }
  return t("days", { n: count(Math.round(whole / 86_400)) });
}

/** A guess, rounded so that it does not pretend: 5, 10, 20, 30 … seconds, then minutes. */
export function guess(seconds) {
  if (seconds < 8) return t("few_seconds");
  if (seconds < 55) return t("about", { span: t("seconds", { n: Math.ceil(seconds / 10) * 10 }) });
  return t("about", { span: t("minutes", { n: Math.max(1, Math.round(seconds / 60)) }) });
}

export function bytes(value) {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
  let step = 0;
  while (value >= 1000 && step < units.length - 1) {
    value /= 1000;
    step += 1;
  }
  const digits = value < 10 && step > 1 ? 1 : 0;
  return number({ style: "unit", unit: units[step], unitDisplay: step ? "short" : "long", maximumFractionDigits: digits }).format(value);
}

/** "Today, 14:05", else "3 Nov, 14:05". */
export function moment(time) {
  const date = new Date(time);
  const today = date.toDateString() === new Date().toDateString();
  const written = (form) => new Intl.DateTimeFormat(language() === "vi" ? "vi" : "en-GB", form).format(date);
  const day = today ? t("today") : written({ day: "numeric", month: "short" });
  return `${day}, ${written({ hour: "2-digit", minute: "2-digit" })}`;
}
