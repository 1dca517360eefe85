"use strict";
// The map of shops. Markers come from the server, grouped and in the reader's words, whenever the map has moved;
// or they are the page's rows with data-at. Regions have the colours of the page's drawing.
(function () {
  const box = document.querySelector("[data-map]");
  if (!box || !window.L) return;
  const LAST_ZOOM = 14;
  const { source, bounds, here, tiles, outlines, failed } = box.dataset;
  const controls = document.querySelector("[data-map-controls]");
  const told = document.querySelector("[data-map-told]");
  const numbers = (text) => text.split(",").map(Number);

  box.hidden = controls.hidden = false;
  for (const drawing of document.querySelectorAll("[data-map-still]")) drawing.remove();
  const moves = !matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = L.map(box, {
    zoomControl: false, attributionControl: false, minZoom: 5, maxZoom: tiles ? 18 : LAST_ZOOM,
    zoomAnimation: moves, fadeAnimation: moves, inertia: moves, scrollWheelZoom: false,
  });
  // The wheel scrolls the page, until somebody has turned to the map.
  map.on("focus", () => map.scrollWheelZoom.enable());
  map.on("blur", () => map.scrollWheelZoom.disable());
  for (const button of controls.querySelectorAll("[data-zoom]")) {
    button.addEventListener("click", () => map.setZoom(map.getZoom() + Number(button.dataset.zoom)));
  }
  if (tiles) L.tileLayer(tiles).addTo(map);

  function element(tag, text, className) {
    const made = document.createElement(tag);
    made.textContent = text;
    if (className) made.className = className;
    return made;
  }

  function link(url, text) {
    const made = element("a", text, "plain");
    made.href = url;
    return made;
  }

  // A marker: at, box, price, count, state, shops [{name, url, price}].
  function add(one, layer) {
    const label = element("b", one.price);
    if (one.count) label.prepend(element("small", one.count));
    else label.prepend(element("span", one.shops[0].name + " ", "vh"));
    const icon = L.divIcon({ className: `pin ${one.state}`, html: label, iconSize: null });
    const marker = L.marker(one.at, { icon, zIndexOffset: { best: 1000, old: -1000 }[one.state] || 0 }).addTo(layer);
    const [south, west, north, east] = one.box;
    if (!one.shops.length || (one.shops.length > 1 && map.getZoom() < LAST_ZOOM && (south < north || west < east))) {
      marker.on("click", () => map.fitBounds([[south, west], [north, east]], { padding: [40, 40], maxZoom: LAST_ZOOM }));
      return;
    }
    const list = element("ul", "");
    for (const shop of one.shops) {
      const row = element("li", "");
      row.append(link(shop.url, shop.name), element("small", shop.price));
      list.append(row);
    }
    marker.bindPopup(list, { closeButton: false, maxHeight: 260 });
  }

  // A label that would cover that of a shop further up in the list is its dot alone, until the map comes closer.
  function makeRoom() {
    const isBest = (pin) => pin.classList.contains("best");
    const pins = [...box.querySelectorAll(".pin")].sort((one, other) => isBest(other) - isBest(one));
    const taken = [];
    for (const pin of pins) {
      const mine = pin.firstElementChild.getBoundingClientRect();
      const isCovered = taken.some((one) => one.left < mine.right && mine.left < one.right && one.top < mine.bottom && mine.top < one.bottom);
      pin.classList.toggle("dot", isCovered);
      if (!isCovered) taken.push(mine);
    }
  }

  async function drawRegions() {
    const answer = await fetch(outlines);
    if (!answer.ok) return;
    const shape = (slug) => document.querySelector(`[data-region="${slug}"]`);
    const step = (found) => (found && found.firstElementChild.getAttribute("class")) || "q0";
    const say = (found, layer) => found && layer.bindPopup(
      () => link(found.getAttribute("href"), found.querySelector("title").textContent), { closeButton: false });
    const areas = L.geoJSON(await answer.json(), {
      style: ({ properties }) => ({ className: step(shape(properties.slug)), weight: 1, fillOpacity: tiles ? 0.4 : 1 }),
      onEachFeature: ({ properties }, layer) => say(shape(properties.slug), layer),
    }).addTo(map);
    areas.bringToBack();
    for (const found of document.querySelectorAll("[data-region][data-at]")) {
      say(found, L.circleMarker(numbers(found.dataset.at), { className: step(found), radius: 9, weight: 1, fillOpacity: 1 }).addTo(map));
    }
  }

  function rowMarker(row) {
    const shop = row.querySelector("a");
    const at = numbers(row.dataset.at);
    const state = row.classList.contains("old") ? "old" : row.querySelector(".good") ? "best" : "";
    const shops = [{ name: shop.textContent, url: shop.href, price: row.dataset.told }];
    return { at, box: [...at, ...at], price: row.dataset.price, count: "", state, shops };
  }

  const shops = L.layerGroup().addTo(map);
  let asked = 0;
  let reading = false;

  async function load() {
    // What somebody is reading stays, also when the map moves to make room for it.
    if (reading) return;
    const mine = ++asked;
    const seen = map.getBounds().pad(0.2);
    const corners = [seen.getWest(), seen.getSouth(), seen.getEast(), seen.getNorth()].map((degrees) => degrees.toFixed(2));
    try {
      const answer = await fetch(`${source}&zoom=${Math.min(map.getZoom(), LAST_ZOOM)}&box=${corners}`);
      const found = (await answer.json()).markers;
      if (mine !== asked || reading) return;
      shops.clearLayers();
      for (const one of found) add(one, shops);
      told.textContent = "";
      box.dataset.drawn = found.length;
    } catch {
      if (mine === asked) told.textContent = failed;
    }
  }

  const place = /^#at=(-?[\d.]+,-?[\d.]+)$/.exec(location.hash);
  const [west, south, east, north] = numbers(bounds || "92.2,9.8,101.2,28.5");
  if (place) map.setView(numbers(place[1]), 12);
  else if (!here) map.fitBounds([[south, west], [north, east]], { padding: [40, 40], maxZoom: 12 });

  drawRegions();
  if (source) {
    map.on("popupopen", () => { reading = true; });
    map.on("popupclose", () => { reading = false; load(); });
    map.on("moveend", load);
    load();
  } else {
    const rows = [...document.querySelectorAll("tr[data-at]")].filter((row) => row.dataset.at).map(rowMarker);
    map.fitBounds(L.latLngBounds([numbers(here), ...rows.map((row) => row.at)]), { padding: [40, 40], maxZoom: LAST_ZOOM });
    L.circleMarker(numbers(here), { className: "me", radius: 8, weight: 3, fillOpacity: 1 }).addTo(map);
    for (const row of rows) add(row, shops);
    map.on("zoomend", makeRoom);
    makeRoom();
    box.dataset.drawn = rows.length;
  }
})();
