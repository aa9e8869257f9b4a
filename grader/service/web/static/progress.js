"use strict";
// Shows how grading gets on, and the report as soon as it is there.
(() => {
  const place = document.querySelector("[data-events]");
  const said = document.getElementById("phase");
  const words = ({ phase, ahead }) => {
    if (phase === "grading") return "Your code is being run and graded.";
    return ahead ? `${ahead} file${ahead === 1 ? "" : "s"} before yours.` : "Waiting to be graded.";
  };
  const source = new EventSource(place.dataset.events);
  let failures = 0;
  source.addEventListener("progress", (event) => {
    failures = 0;
    const now = JSON.parse(event.data);
    if (now.phase === "done") { source.close(); location.reload(); return; }
    if (said.textContent !== words(now)) said.textContent = words(now);
  });
  source.addEventListener("error", () => {
    failures += 1;
    // Where streams do not get through, ask by reloading.
    if (failures > 3 || source.readyState === EventSource.CLOSED) { source.close(); setTimeout(() => location.reload(), 3000); }
  });
})();
