(() => {
  const here = new URL(location.href);
  for (const part of {parts}) here.searchParams.delete(part);
  history.replaceState(history.state, "", here);
})();
