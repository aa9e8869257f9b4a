"use strict";
// Times in the reader's own time zone, which is said; forms that are sent once, after a question where something cannot
// be undone; and a form that was refused is told of first. Without this script nothing is missing.
(() => {
  const told = { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZoneName: "short" };
  const localised = (place) => {
    for (const element of place.querySelectorAll("time[datetime]")) {
      const at = new Date(element.dateTime);
      if (Number.isNaN(at.getTime()) || element.title) continue;
      element.title = element.textContent;
      const year = at.getFullYear() === new Date().getFullYear() ? {} : { year: "numeric" };
      element.textContent = at.toLocaleString(undefined, { ...told, ...year });
    }
  };
  localised(document);
  document.addEventListener("grader:shown", (event) => localised(event.target));
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const question = event.submitter?.dataset.confirm || form.dataset.confirm;
    if (question && !confirm(question)) { event.preventDefault(); return; }
    // After the form has been read: the button's own value is sent along.
    setTimeout(() => { for (const one of form.querySelectorAll("button")) one.disabled = true; });
  });
  const refused = document.querySelector("[role=alert][tabindex]");
  if (refused) refused.focus();
  // A page that the browser brings back has its buttons as they were left.
  addEventListener("pageshow", () => {
    for (const one of document.querySelectorAll("form button")) one.disabled = false;
  });
})();
