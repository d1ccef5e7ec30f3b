"use strict";
// Filters, order, deep links, copying, and what is packed. The page reads without any of it.
(() => {
  const PAGE = 150;
  const list = document.getElementById("case-list");
  const field = (id) => document.getElementById(id);
  const boxes = [...document.querySelectorAll('input[name="verdict"]')];
  const choices = ["tag", "expected", "found", "order"];
  const worst = ["fail", "fault", "skip", "pass"];
  let entries = [];
  let limit = PAGE;

  const unpack = async (text) => {
    const bytes = Uint8Array.from(atob(text.trim()), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return JSON.parse(await new Response(stream).text());
  };

  const chunks = [...document.querySelectorAll("script.chunk")];
  const opened = new Map();
  const chunk = (number) => {
    if (!opened.has(number)) opened.set(number, unpack(chunks[number].textContent));
    return opened.get(number);
  };

  const fill = async (body) => {
    const [number, place] = body.dataset.pack.split(":").map(Number);
    delete body.dataset.pack;
    body.innerHTML = (await chunk(number))[place];
    addCopyButtons(body);
  };

  const addCopyButtons = (root) => {
    for (const command of root.querySelectorAll(".command:not(.copyable)")) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = "Copy";
      button.addEventListener("click", async () => {
        await copy(command.querySelector("code").textContent);
        button.textContent = "Copied";
        setTimeout(() => { button.textContent = "Copy"; }, 1500);
      });
      command.classList.add("copyable");
      command.append(button);
    }
  };

  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
  };

  const element = (entry) => {
    if (!entry.element) {
      const holder = document.createElement("template");
      holder.innerHTML = entry.row;
      entry.element = holder.content.firstElementChild;
      delete entry.row;
    }
    return entry.element;
  };

  const wanted = () => ({
    words: field("q").value.toLowerCase().split(/\s+/).filter(Boolean),
    verdicts: boxes.filter((box) => box.checked).map((box) => box.value),
    tag: field("tag").value,
    expected: field("expected").value,
    found: field("found").value,
    order: field("order").value,
  });

  const fits = (entry, want) =>
    want.words.every((word) => entry.text.includes(word)) &&
    (!want.verdicts.length || want.verdicts.includes(entry.verdict) ||
      (entry.flaky && want.verdicts.includes("flaky"))) &&
    (!want.tag || entry.tags.includes(want.tag)) &&
    (!want.expected || entry.expected === want.expected) &&
    (!want.found || entry.found.includes(want.found));

  const orders = {
    "": (a, b) => worst.indexOf(a.verdict) - worst.indexOf(b.verdict) || a.position - b.position,
    position: (a, b) => a.position - b.position,
    id: (a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0),
    rate: (a, b) => a.rate - b.rate || a.position - b.position,
    cost: (a, b) => b.cost - a.cost || a.position - b.position,
    duration: (a, b) => b.duration - a.duration || a.position - b.position,
  };

  const show = () => {
    const want = wanted();
    const found = entries.filter((entry) => fits(entry, want)).sort(orders[want.order]);
    list.replaceChildren(...found.slice(0, limit).map(element));
    field("more").hidden = found.length <= limit;
    const shown = Math.min(limit, found.length).toLocaleString("en");
    field("shown").textContent =
      `${shown} of ${entries.length.toLocaleString("en")} cases shown`;
  };

  const remember = () => {
    const want = wanted();
    const state = new URLSearchParams();
    if (want.words.length) state.set("q", field("q").value);
    for (const verdict of want.verdicts) state.append("verdict", verdict);
    for (const name of choices) if (want[name]) state.set(name, want[name]);
    const hash = state.size ? `#?${state}` : "#cases";
    history.replaceState(null, "", hash);
  };

  const recall = (state) => {
    field("q").value = state.get("q") ?? "";
    for (const box of boxes) box.checked = state.getAll("verdict").includes(box.value);
    for (const name of choices) field(name).value = state.get(name) ?? "";
    limit = PAGE;
    show();
  };

  const reveal = async (name) => {
    const entry = entries.find((one) => one.anchor === name.split("/")[0]);
    if (!entry) return;
    if (!element(entry).isConnected) {
      recall(new URLSearchParams());
      if (!entry.element.isConnected) list.prepend(entry.element);
    }
    const details = entry.element.querySelector("details");
    const body = details.querySelector("[data-pack]");
    if (body) await fill(body);
    details.open = true;
    const target = document.getElementById(name) ?? entry.element;
    for (let up = target.parentElement; up && up !== list; up = up.parentElement) {
      if (up.localName === "details") up.open = true;
    }
    target.scrollIntoView({ block: name.includes("/") ? "center" : "start" });
  };

  const follow = () => {
    let hash = location.hash.slice(1);
    if (hash.startsWith("?")) {
      recall(new URLSearchParams(hash.slice(1)));
      field("cases").scrollIntoView();
      return;
    }
    try { hash = decodeURIComponent(hash); } catch { return; }
    if (hash.startsWith("case-")) reveal(hash);
  };

  const offer = (name, values) => {
    for (const value of [...new Set(values)].sort()) field(name).add(new Option(value, value));
    field(name).parentElement.hidden = field(name).options.length < 3;
  };

  const begin = async () => {
    entries = await unpack(field("index").textContent);
    for (const entry of entries) {
      if (!entry.row) entry.element = document.getElementById(entry.anchor);
    }
    offer("tag", entries.flatMap((entry) => entry.tags));
    offer("expected", entries.map((entry) => entry.expected));
    offer("found", entries.flatMap((entry) => entry.found));
    for (const box of boxes) {
      const is = (entry) => entry.verdict === box.value || (box.value === "flaky" && entry.flaky);
      const n = entries.filter(is).length;
      box.parentElement.querySelector(".n").textContent = n;
      box.parentElement.hidden = n === 0;
    }
    field("tools").hidden = false;
    field("more").hidden = entries.length <= limit;
    field("more-note")?.remove();
    field("shown").textContent = `${Math.min(limit, entries.length).toLocaleString("en")} of ` +
      `${entries.length.toLocaleString("en")} cases shown`;
    document.documentElement.dataset.ready = "";
    follow();
  };

  const changed = () => {
    limit = PAGE;
    show();
    remember();
  };

  list.addEventListener("toggle", (event) => {
    const body = event.target.querySelector(":scope > [data-pack]");
    if (event.target.open && body) fill(body);
  }, true);
  field("tools").addEventListener("input", changed);
  field("tools").addEventListener("submit", (event) => event.preventDefault());
  field("clear").addEventListener("click", () => { recall(new URLSearchParams()); remember(); });
  field("more").addEventListener("click", () => { limit += PAGE; show(); });
  document.addEventListener("click", (event) => {
    const cell = event.target.closest("a[data-expected]");
    if (!cell) return;
    event.preventDefault();
    const { expected, found } = cell.dataset;
    location.hash = `?${new URLSearchParams({ expected, found })}`;
  });
  window.addEventListener("hashchange", follow);
  window.addEventListener("beforeprint", () => {
    for (const details of list.querySelectorAll(".case:not(.v-pass) details")) details.open = true;
  });
  addCopyButtons(document);
  begin();
})();
