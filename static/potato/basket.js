// A visitor's list stays in this browser: remembered when it is changed here, offered when another one is open.
(() => {
  const page = document.getElementById("basket"), offer = document.getElementById("basket-kept"), key = "potato-list";
  const [open, join, forget] = offer.querySelectorAll("a, button");
  const shown = page.dataset.list, asked = new URLSearchParams(location.search);
  let kept;
  try { kept = localStorage.getItem(key) || ""; } catch { return; }
  const keep = (list) => {
    kept = list;
    try { list ? localStorage.setItem(key, list) : localStorage.removeItem(key); } catch { /* full, or forbidden */ }
  };
  if ("keep" in page.dataset) {
    const isAdded = asked.get("add") && !asked.has("i") && !asked.has("item");
    if (isAdded && kept && kept !== shown) {
      // From an item's page: it goes on top of what is remembered.
      location.replace(`?${kept}&${location.search.slice(1)}`);
      return;
    }
    // A list that somebody sent, or an older one that Back leads to, takes no other's place unasked.
    const isNew = performance.getEntriesByType("navigation")[0]?.type === "navigate";
    const isOwn = document.referrer.startsWith(`${location.origin}/`);
    if (!kept || isAdded || (isOwn && isNew && asked.has("i"))) keep(shown);
    if (isAdded) history.replaceState(null, "", page.dataset.address);
  }
  if (kept && kept !== shown) {
    open.href = `?${kept}`;
    if (shown) join.href = `?${kept}&${shown}`; else join.remove();
    forget.addEventListener("click", () => { keep(""); offer.remove(); });
    offer.hidden = false;
  }
})();
