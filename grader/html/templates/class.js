"use strict";
// The roster can be searched, filtered and sorted. Without this script it is complete, in the order of the download.
(() => {
  const table = document.querySelector(".roster");
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const words = rows.map((row) => row.textContent.toLowerCase());
  const heads = [...table.tHead.rows[0].cells];
  const [search, group, order, turned, found] = ["search", "group", "order", "turned", "found"].map((id) =>
    document.getElementById(id)
  );
  const compare = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" }).compare;
  let column = null;
  let descending = false;

  const filter = () => {
    const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row, place) => {
      const inside = !group.value || row.dataset.tags.split(" ").includes(group.value);
      row.hidden = !(inside && wanted.every((word) => words[place].includes(word)));
      shown += !row.hidden;
    });
    found.textContent = `${shown} of ${rows.length} students`;
  };

  const sort = () => {
    const sorted = [...rows];
    if (column !== null) {
      const key = (row) => row.cells[column].dataset.key;
      const numbers = rows.every((row) => key(row) !== "" && !Number.isNaN(Number(key(row))));
      const sign = descending ? -1 : 1;
      sorted.sort((one, other) => {
        const [a, b] = [key(one), key(other)];
        if (numbers) return sign * (Number(a) - Number(b));
        // What is empty stands last, in either direction.
        return a && b ? sign * compare(a, b) : Number(!a) - Number(!b);
      });
    }
    body.append(...sorted);
    heads.forEach((head, place) => {
      if (place !== column) head.removeAttribute("aria-sort");
      else head.setAttribute("aria-sort", descending ? "descending" : "ascending");
    });
    order.value = column === null ? "" : String(column);
    turned.setAttribute("aria-pressed", String(descending));
  };

  heads.forEach((head, place) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      descending = column === place && !descending;
      column = place;
      sort();
    });
  });
  order.addEventListener("change", () => {
    column = order.value === "" ? null : Number(order.value);
    sort();
  });
  turned.addEventListener("click", () => {
    descending = !descending;
    sort();
  });
  search.addEventListener("input", filter);
  group.addEventListener("change", filter);
  // A link to a student who is filtered out shows everybody again.
  addEventListener("hashchange", () => {
    const row = location.hash && document.getElementById(location.hash.slice(1));
    if (row && row.hidden) {
      search.value = group.value = "";
      filter();
      row.scrollIntoView();
    }
  });
  document.querySelector(".controls").hidden = false;
  filter();
})();
