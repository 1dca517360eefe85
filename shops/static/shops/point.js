"use strict";
// The map of a position in the admin: two fields to type into follow the marker, and the marker follows them.
(function () {
  const BURMESE_ZERO = "၀".codePointAt(0);

  function degrees(text) {
    const plain = text.trim().replace(/[၀-၉]/g, (digit) => digit.codePointAt(0) - BURMESE_ZERO);
    return /^-?\d{1,3}(\.\d+)?$/.test(plain) ? Number(plain) : NaN;
  }

  L.PotatoPointField = L.GeometryField.extend({
    addTo(map) {
      const field = document.getElementById(this.options.fieldid);
      const box = field.parentElement.querySelector(".point-fields");
      this._latitude = box.querySelector("[data-point=latitude]");
      this._longitude = box.querySelector("[data-point=longitude]");
      this._error = box.querySelector("[data-point=error]");
      L.GeometryField.prototype.addTo.call(this, map);
      this._outline(map, box.dataset.outlines);
      for (const input of [this._latitude, this._longitude]) {
        input.addEventListener("change", () => this._typed());
      }
      return this;
    },

    load() {
      const geometry = L.GeometryField.prototype.load.call(this);
      this._show();
      return geometry;
    },

    onCreated(event) {
      L.GeometryField.prototype.onCreated.call(this, event);
      this._show();
    },

    onEdited(event) {
      L.GeometryField.prototype.onEdited.call(this, event);
      this._show();
    },

    onDeleted(event) {
      // The edit toolbar hands over a group: every layer of it goes.
      (event.layers || event.layer).eachLayer((layer) => this.drawnItems.removeLayer(layer));
      this.store.save(this.drawnItems);
      this._show();
    },

    _show() {
      const marker = this.drawnItems.getLayers()[0];
      this._latitude.value = marker ? String(+marker.getLatLng().lat.toFixed(6)) : "";
      this._longitude.value = marker ? String(+marker.getLatLng().lng.toFixed(6)) : "";
      this._error.hidden = true;
    },

    _typed() {
      const pair = this._latitude.value.split(/[,၊]/);
      if (pair.length === 2) {
        [this._latitude.value, this._longitude.value] = pair.map((part) => part.trim());
      }
      const latitude = degrees(this._latitude.value);
      const longitude = degrees(this._longitude.value);
      const empty = !this._latitude.value.trim() && !this._longitude.value.trim();
      const good = Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180;
      // While only one of the two is there, the other is still to come.
      const half = !this._latitude.value.trim() !== !this._longitude.value.trim();
      this._error.hidden = empty || good || half;
      if (!empty && !good) return;
      this.drawnItems.clearLayers();
      if (good) this.drawnItems.addLayer(L.marker([latitude, longitude]));
      this.store.save(this.drawnItems);
      this._setView();
    },

    _setView() {
      const marker = this.drawnItems.getLayers()[0];
      if (!marker) return;
      let hasTiles = false;
      this._map.eachLayer((layer) => { hasTiles = hasTiles || layer instanceof L.TileLayer; });
      // Without streets only the outlines of the regions say where this is. At once: a marker that is still moving there
      // slips away from under the pointer.
      this._map.setView(marker.getLatLng(), hasTiles ? 15 : 7, { animate: false });
    },

    async _outline(map, address) {
      const answer = await fetch(address);
      if (!answer.ok) return;
      const style = { color: "#6b6b6b", weight: 1, fillColor: "#fff", fillOpacity: 0.7, interactive: false };
      L.geoJSON(await answer.json(), { style }).addTo(map).bringToBack();
    },
  });
})();
