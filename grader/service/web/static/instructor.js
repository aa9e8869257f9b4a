"use strict";
// Pages of instructors: the class page and a regrade follow what happens, an exercise is checked while it is written,
// times are in the reader's own zone. Without this script, forms and reloads do the same.
(() => {
  const WAIT = 5000;

  const part = async (address, query) => {
    const answer = await fetch(`${address}?${query}`, { headers: { accept: "text/html" } });
    return answer.ok && !answer.redirected ? answer.text() : null;
  };

  // What somebody is reading, or typing in, is not replaced under their hands.
  const busy = (place) => document.hidden || place.contains(document.activeElement) || place.querySelector("details[open]");

  const shown = (place, text) => {
    place.innerHTML = text;
    place.dispatchEvent(new CustomEvent("grader:shown", { bubbles: true }));
  };

  const live = document.getElementById("live");
  if (live && live.dataset.version) {
    const state = document.getElementById("live-state");
    state.hidden = false;
    setInterval(async () => {
      if (busy(live)) return;
      try {
        const answer = await fetch(`${live.dataset.address}/version`);
        state.hidden = !answer.ok;
        if (!answer.ok) return;
        const { version } = await answer.json();
        if (version === live.dataset.version) return;
        const query = new URLSearchParams(location.search);
        query.set("live", "1");
        const text = await part(live.dataset.address, query);
        if (text && !busy(live)) { shown(live, text); live.dataset.version = version; }
      } catch { state.hidden = true; }
    }, WAIT);
  }
  if (live && live.dataset.state === "running") {
    const timer = setInterval(async () => {
      if (busy(live)) return;
      try {
        const text = await part(live.dataset.address, "live=1");
        if (text === null) return;
        shown(live, text);
        if (!document.getElementById("running")) clearInterval(timer);
      } catch { /* the server is away for now */ }
    }, 2000);
  }

  const chosen = (event) => { if (event.target.matches("[data-sends]")) event.target.form.submit(); };
  document.addEventListener("change", chosen);

  // Times of forms come in UTC, and are shown, and sent back, in the reader's zone.
  const zone = document.querySelector("[data-zone]");
  if (zone && zone.value === "UTC") {
    zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
    for (const field of document.querySelectorAll("[data-zoned]")) {
      if (!field.value) continue;
      const at = new Date(`${field.value}Z`);
      const two = (number) => String(number).padStart(2, "0");
      field.value = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
    }
  }

  const yaml = document.querySelector("[data-checks]");
  const findings = document.getElementById("findings");
  if (yaml && findings) {
    let timer = 0;
    let latest = 0;
    const check = async () => {
      const own = ++latest;
      const body = new URLSearchParams({ csrf: yaml.form.elements.csrf.value, yaml: yaml.value });
      findings.setAttribute("aria-busy", "true");
      try {
        const answer = await fetch(yaml.dataset.checks, { method: "POST", body });
        if (answer.ok && own === latest) findings.innerHTML = await answer.text();
      } catch { /* it is checked again when the form is sent */ }
      findings.removeAttribute("aria-busy");
    };
    yaml.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(check, 1200); });
    findings.addEventListener("click", (event) => {
      const link = event.target.closest("[data-line]");
      if (!link) return;
      event.preventDefault();
      const lines = yaml.value.split("\n");
      const line = Number(link.dataset.line) - 1;
      const start = lines.slice(0, line).join("\n").length + (line ? 1 : 0);
      yaml.focus();
      yaml.setSelectionRange(start, start + (lines[line] || "").length);
      yaml.scrollTop = Math.max(0, line - 4) * parseFloat(getComputedStyle(yaml).lineHeight);
    });
  }
})();
