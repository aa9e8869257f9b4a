"use strict";
// Times in the reader's own time zone, and forms that are sent once. Without this script nothing is missing.
(() => {
  for (const element of document.querySelectorAll("time[datetime]")) {
    const at = new Date(element.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    element.title = element.textContent;
    element.textContent = at.toLocaleString(undefined, {
      weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit",
    });
  }
  for (const form of document.querySelectorAll("form")) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.confirm && !confirm(form.dataset.confirm)) { event.preventDefault(); return; }
      // After the form has been read: the button's own value is sent along.
      setTimeout(() => { for (const one of form.querySelectorAll("button")) one.disabled = true; });
    });
  }
  // A page that the browser brings back has its buttons as they were left.
  addEventListener("pageshow", () => {
    for (const one of document.querySelectorAll("form button")) one.disabled = false;
  });
})();
