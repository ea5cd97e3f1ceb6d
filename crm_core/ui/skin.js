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
  window.moshtari = (address) => {
    const to = new URL(address, location.href);
    const moved = to.pathname !== location.pathname;
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
    if (line) line.textContent = cell.dataset.told ?? cell.ariaLabel;
  };
  document.addEventListener("mouseover", tell);
  document.addEventListener("focusin", tell);
  document.addEventListener("click", (click) => {
    const link = click.target.closest(".stHtml a[href], .stPlotlyChart a");
    if (!link || click.button || click.metaKey || click.ctrlKey || click.shiftKey || click.altKey) return;
    const to = new URL(link.href.baseVal ?? link.href, location.href);
    if (to.origin !== location.origin || to.hash) return;
    click.preventDefault();
    window.moshtari(target(link));
    if (link.closest('[data-testid="stSidebar"]') && matchMedia("(max-width: 768px)").matches)
      document.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click();
  });
})();
