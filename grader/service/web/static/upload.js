"use strict";
// Files may be dropped on the upload, and one that is too large is refused before it is sent.
(() => {
  for (const drop of document.querySelectorAll(".drop")) {
    const input = drop.querySelector("input[type=file]");
    const help = drop.querySelector(".help-text");
    const limit = Number(drop.dataset.limit);
    for (const one of drop.querySelectorAll(".droppable")) one.hidden = false;
    drop.classList.add("ready");
    const check = () => {
      const file = input.files[0];
      let why = "";
      if (file && file.size > limit) why = `This file has ${(file.size / 1048576).toFixed(1)} MiB, more than is taken. A notebook gets smaller without its outputs.`;
      else if (file && !/\.(py|ipynb|md|txt)$/i.test(file.name)) why = "Hand in a Python script (.py) or a notebook (.ipynb).";
      input.setCustomValidity(why);
      if (why) input.reportValidity();
    };
    input.addEventListener("change", check);
    drop.addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("over"); });
    drop.addEventListener("dragleave", () => drop.classList.remove("over"));
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      drop.classList.remove("over");
      if (!event.dataTransfer.files.length) return;
      input.files = event.dataTransfer.files;
      check();
    });
    help.setAttribute("aria-live", "polite");
  }
})();
