(() => {
  const page = document.documentElement;
  page.lang = "{lang}";
  page.dir = "{dir}";
  const ground = document.querySelector(".stApp");
  if (ground) page.style.colorScheme = getComputedStyle(ground).colorScheme;

  const here = new URL(location.href);
  if (here.searchParams.get("lang") !== "{lang}") {
    here.searchParams.set("lang", "{lang}");
    history.replaceState(history.state, "", here);
  }

  if (window.moshtari) return;
  // Where a reader was on a page is kept with its entry in the history, and found again on the way back.
  const scrolled = () =>
    ['[data-testid="stMain"]', ".mo-matrix-view"].map((one) => {
      const pane = document.querySelector(one);
      return pane ? [pane.scrollLeft, pane.scrollTop] : [0, 0];
    });
  const keep = () => history.replaceState({ ...history.state, scrolled: scrolled() }, "");
  addEventListener("popstate", (event) => {
    const places = event.state?.scrolled;
    if (!places) return;
    const until = performance.now() + 10000;
    const stop = new AbortController();
    for (const kind of ["wheel", "touchstart", "keydown", "mousedown"])
      addEventListener(kind, () => stop.abort(), { signal: stop.signal, passive: true });
    const restore = () => {
      if (stop.signal.aborted || performance.now() > until) return stop.abort();
      const main = document.querySelector('[data-testid="stMain"]');
      const drawn = main && main.scrollHeight - main.clientHeight >= places[0][1] - 1;
      if (drawn) {
        main.scrollTo(...places[0]);
        document.querySelector(".mo-matrix-view")?.scrollTo(...places[1]);
      }
      const running = document.querySelector('[data-test-script-state="running"]');
      if (!drawn || running || document.querySelector('[data-testid="stSkeleton"]')) setTimeout(restore, 60);
      else stop.abort();
    };
    setTimeout(restore, 60);
  });
  // A field that is moved on is still at the same step: Back leads to where it stood before it was touched.
  const push = history.pushState.bind(history);
  history.pushState = (entry, title, address) => {
    const field = document.activeElement?.closest('[data-testid="stSlider"], [data-testid="stNumberInput"]');
    const moved = field?.closest('[class*="st-key-mo-"]')?.className.match(/st-key-[\w-]+/)[0];
    if (moved && history.state?.moved === moved) history.replaceState({ ...entry, moved }, title, address);
    else push(moved ? { ...entry, moved } : entry, title, address);
  };
  window.moshtari = (address) => {
    const to = new URL(address, location.href);
    const moved = to.pathname !== location.pathname;
    keep();
    history.pushState({}, "", to);
    dispatchEvent(new PopStateEvent("popstate"));
    if (moved) document.querySelector('[data-testid="stMain"]')?.scrollTo(0, 0);
  };
  // What a link said when it was drawn may be past by the time of the click: the address as it is now counts.
  const target = (link) => {
    const { part, toggle, value } = link.dataset;
    const to = new URL(part ? location.href : (link.href.baseVal ?? link.href), location.href);
    const now = new URL(location.href).searchParams;
    const become = (name, values) => {
      to.searchParams.delete(name);
      for (const one of values) to.searchParams.append(name, one);
    };
    if (link.closest(".mo-nav")) for (const name of {shared}) become(name, now.getAll(name));
    if (toggle !== undefined) {
      const others = now.getAll(part).filter((one) => one !== toggle);
      become(part, others.length < now.getAll(part).length ? others : [...others, toggle]);
    } else if (part) become(part, value ? [value] : []);
    return to.href;
  };
  // What a cell of a matrix means is read below the matrix, by pointer, finger and keyboard alike.
  const tell = (event) => {
    const cell = event.target.closest?.(".mo-matrix [data-told], .mo-matrix td a");
    const line = cell?.closest(".mo-matrix").querySelector(".mo-told");
    if (line && line.dataset.of !== undefined && line.dataset.of === place(cell)) return;
    if (line) line.textContent = cell.dataset.told ?? cell.ariaLabel;
    if (line) delete line.dataset.of;
  };
  const place = (link) => [...link.closest(".mo-matrix").querySelectorAll("a[href]")].indexOf(link).toString();
  // A finger has no way to point: its first tap on a cell reads it, and offers the way that a second one takes.
  const readFirst = (link) => {
    const line = link.matches(".mo-matrix td a") && link.closest(".mo-matrix").querySelector(".mo-told");
    if (!line || !matchMedia("(hover: none)").matches || line.dataset.of === place(link)) return false;
    const way = document.createElement("a");
    way.className = "mo-way";
    way.href = link.href;
    way.textContent = link.closest(".mo-matrix").dataset.way;
    line.replaceChildren(link.ariaLabel, " ", way);
    line.dataset.of = place(link);
    return true;
  };
  // In a matrix the arrow keys lead from link to link; Tab goes on to what follows it.
  const steps = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
  document.addEventListener("keydown", (event) => {
    const link = event.target.closest?.(".mo-matrix a[href]");
    if (!link || !(event.key in steps || event.key === "Home" || event.key === "End")) return;
    if (event.metaKey || event.ctrlKey || event.altKey || event.shiftKey) return;
    event.preventDefault();
    const cell = link.closest("th, td");
    const row = cell.parentElement;
    const rows = [...row.parentElement.children];
    let [across, down] = steps[event.key] ?? [0, 0];
    if (page.dir === "rtl") across = -across;
    const linked = (one) => one?.querySelector("a[href]");
    let to = null;
    if (event.key === "Home") to = [...row.cells].find(linked);
    else if (event.key === "End") to = [...row.cells].reverse().find(linked);
    else
      for (
        let x = cell.cellIndex + across, y = rows.indexOf(row) + down;
        !to && x >= 0 && x < row.cells.length && rows[y];
        x += across, y += down
      )
        to = linked(rows[y].cells[x]) ? rows[y].cells[x] : null;
    if (!to) return;
    for (const one of link.closest(".mo-matrix").querySelectorAll('a[tabindex="0"]')) one.tabIndex = -1;
    linked(to).tabIndex = 0;
    linked(to).focus();
  });
  // A matrix that is wider than its place says so, and shows at its edge whether there is more.
  const widths = () => {
    for (const view of document.querySelectorAll(".mo-matrix-view")) {
      const matrix = view.closest(".mo-matrix");
      const beyond = view.scrollWidth - view.clientWidth;
      if (beyond < 2) delete matrix.dataset.wide;
      else matrix.dataset.wide = beyond - Math.abs(view.scrollLeft) > 2 ? "on" : "end";
    }
  };
  let asked = 0;
  const soon = () => {
    cancelAnimationFrame(asked);
    asked = requestAnimationFrame(widths);
  };
  new MutationObserver(soon).observe(document.body, { childList: true, subtree: true });
  addEventListener("resize", soon);
  document.addEventListener("scroll", soon, { capture: true, passive: true });
  document.addEventListener("mouseover", tell);
  document.addEventListener("focusin", tell);
  document.addEventListener("click", (click) => {
    const link = click.target.closest(".stHtml a[href], .stPlotlyChart a");
    if (!link || click.button || click.metaKey || click.ctrlKey || click.shiftKey || click.altKey) return;
    const to = new URL(link.href.baseVal ?? link.href, location.href);
    if (to.origin !== location.origin || to.hash) return;
    click.preventDefault();
    if (readFirst(link)) return;
    window.moshtari(target(link));
    if (link.closest('[data-testid="stSidebar"]') && matchMedia("(max-width: 768px)").matches)
      document.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click();
  });
})();
